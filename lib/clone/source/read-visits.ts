import type pg from "pg";
import { type Climbed, climb } from "../../postgres/connection/rungs.ts";
import { databaseProblem } from "../../postgres/problems.ts";
import { Problem, sentence } from "../../problem.ts";
import type { Rung } from "../../runtime.ts";
import { type SourceAddress, sourceName } from "./connect.ts";
import { readLog } from "./log-lines.ts";

const most = 100;

/** Who has copied from a source, as a role that may read its access log; for the page. Reads only. */
export async function readVisits({
  address,
  open,
  signal,
  onRung,
}: {
  address: SourceAddress;
  open(): Promise<pg.Client>;
  signal: AbortSignal;
  onRung(rungs: Rung[]): void;
}): Promise<Climbed> {
  const titles = { login: `${address.user} can log in`, log: `${address.user} may read the access log` };
  let client: pg.Client | undefined;
  const stop = () => void client?.end().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await climb(titles, onRung, async ({ rung }) => {
      await rung("login", async () => {
        client = await open();
        return { says: `${address.user} is in at ${sourceName(address)}` };
      });
      let visits: Awaited<ReturnType<typeof readLog>> = [];
      await rung("log", async () => {
        try {
          visits = await readLog(client as pg.Client, most);
        } catch (thrown) {
          if ((thrown as { code?: string }).code === "42501")
            throw new Problem({
              code: "source.log-not-readable",
              says: `The role ${address.user} may not read the access log: it names other people.`,
              remedy: sentence("Log in as the source's administrator, or as the owner of its database."),
            });
          const target = {
            kind: "server" as const,
            ...address,
            appUser: address.user,
            installerUser: address.user,
            adminUser: address.user,
            adminDatabase: address.database,
          };
          throw databaseProblem(thrown, { target, user: address.user, database: address.database });
        }
        return { says: visits.length === 0 ? "Nobody has copied from it yet" : `${visits.length} visits` };
      });
      return { says: "Who has copied from this source.", facts: { visits } };
    });
  } finally {
    signal.removeEventListener("abort", stop);
    await client?.end().catch(() => {});
  }
}
