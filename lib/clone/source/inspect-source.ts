import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type pg from "pg";
import { type Climbed, climb, type Held } from "../../postgres/connection/rungs.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { Problem, sentence } from "../../problem.ts";
import type { Rung } from "../../runtime.ts";
import { planTransfer } from "../plan-transfer.ts";
import { type CatalogueTable, catalogueTable, clonedSchemas } from "../table.ts";
import { linkIsSafe, type SourceAddress } from "./connect.ts";
import { refuseSource, type SourceFacts, sourceFacts } from "./facts.ts";

export interface SourceInspection {
  address: SourceAddress;
  open(): Promise<pg.Client>;
  signal: AbortSignal;
  onRung(rungs: Rung[]): void;
}

/** What the page shows of a source: each schema with what would come of it. */
export interface SourceOffer {
  schemas: { name: string; tables: number; bytes: number; rows: number }[];
  left: string[];
  notes: string[];
  logged: boolean;
}

const megabytes = (bytes: number) => `${Math.max(1, Math.round(bytes / 1e6)).toLocaleString("en-GB")} MB`;

function tlsRung(address: SourceAddress, facts: SourceFacts): Held {
  if (facts.tls) return { says: "The link is protected by TLS" };
  if (linkIsSafe(address)) return { says: "The link leaves this machine through a unix socket of its own" };
  return {
    level: "warn",
    says: "The link is not protected: the password's proof and the rows can be seen and changed on the way",
    detail: "Contents are hashed at both ends, so a change is found.",
    remedy: sentence("Choose TLS where the source offers it."),
  };
}

function logRung({ log }: SourceFacts): Held {
  if (log.there && log.insert && log.update) return { says: "Its access log takes a line about this copy" };
  return {
    level: "warn",
    says: log.there ? "Its access log takes no line from this role" : "It has no access log that this role can see",
    remedy: sentence("Ask its administrator to run what `npm run source -- sql` prints, or agree to copy without."),
  };
}

function offerOf(tables: readonly CatalogueTable[], facts: SourceFacts): SourceOffer {
  const { fates, notes } = planTransfer(tables, []);
  const going = fates.filter(({ kind }) => kind === "make").map(({ table }) => table);
  return {
    schemas: clonedSchemas.map((name) => {
      const own = going.filter(({ schema }) => schema === name);
      return {
        name,
        tables: own.length,
        bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
        rows: own.reduce((sum, { rows }) => sum + rows, 0),
      };
    }),
    left: fates.flatMap((fate) => (fate.kind === "skip" ? [fate.says] : [])),
    notes,
    logged: facts.log.there && facts.log.insert && facts.log.update,
  };
}

/** Looks at a source as its reading role, and copies nothing. Each rung is told as it is climbed. */
export async function inspectSource({ address, open, signal, onRung }: SourceInspection): Promise<Climbed> {
  const titles = {
    address: `${address.host} leads to an address`,
    login: `${address.user} can log in`,
    link: "The link is protected",
    rights: `${address.user} can read, and nothing else`,
    tables: "There are tables to copy",
    log: "Its access log takes a line about this copy",
  };
  let client: pg.Client | undefined;
  const onAbort = () => void client?.end().catch(() => {});
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await climb(titles, onRung, async ({ rung }) => {
      await rung("address", async () => {
        if (address.host.startsWith("/")) return { says: `${address.host} is a folder with a unix socket` };
        if (isIP(address.host)) return { says: `${address.host} is an address` };
        const found = await lookup(address.host).catch(() => undefined);
        if (found) return { says: `${address.host} leads to ${found.address}` };
        throw new Problem({
          code: "source.name-not-resolved",
          says: `The name ${address.host} leads to no address.`,
          remedy: sentence("Correct the host of the source."),
        });
      });
      let facts: SourceFacts | undefined;
      let tables: CatalogueTable[] = [];
      await rung("login", async () => {
        client = await open();
        const asked = await client.query(sqlFile("clone/source-facts.sql"), [[...clonedSchemas]]);
        facts = sourceFacts.parse(asked.rows[0]);
        return { says: `${facts.role} is in, PostgreSQL ${facts.version.split(" ")[0]}` };
      });
      const known = facts as unknown as SourceFacts;
      await rung("link", async () => tlsRung(address, known));
      await rung("rights", async () => {
        refuseSource(known);
        return { says: `${known.role} can read, and nothing else` };
      });
      await rung("tables", async () => {
        const { rows } = await (client as pg.Client).query(sqlFile("clone/tables.sql"), [[...clonedSchemas]]);
        tables = rows.map((row) => catalogueTable.parse(row));
        const offer = offerOf(tables, known);
        const each = offer.schemas.map(
          ({ name, tables: count, bytes }) => `${name}: ${count} tables, ${megabytes(bytes)}`,
        );
        if (offer.schemas.every(({ tables: count }) => count === 0))
          throw new Problem({
            code: "source.nothing-to-copy",
            says: "The role can read no table in analytics, historical_data and live_data.",
            remedy: sentence("Ask the source's administrator to run what `npm run source -- sql` prints."),
            ...(offer.left[0] ? { evidence: { asked: "the catalogue", cameBack: offer.left[0] } } : {}),
          });
        return {
          says: each.join("; "),
          ...(offer.left.length > 0
            ? {
                level: "warn" as const,
                detail: offer.left.slice(0, 5).join(" "),
                remedy: sentence("These tables are left out; the others are copied."),
              }
            : {}),
        };
      });
      await rung("log", async () => logRung(known));
      return { says: "The source can be copied from.", facts: { ...offerOf(tables, known) } };
    });
  } finally {
    signal.removeEventListener("abort", onAbort);
    await client?.end().catch(() => {});
  }
}
