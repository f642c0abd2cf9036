import type pg from "pg";
import { grouped } from "../data/lookup-table.ts";
import { type Climbed, climb } from "../postgres/connection/rungs.ts";
import { quoteIdentifier, quoteName } from "../postgres/identifier.ts";
import { sqlFile } from "../postgres/sql-file.ts";
import { Problem, repairedBy, sentence } from "../problem.ts";
import type { Rung } from "../runtime.ts";
import { rowsOf, Tally } from "./load.ts";
import { clonedSchemas, fullName } from "./table.ts";
import type { Recorded } from "./target.ts";
import { ServerRefusal } from "./wire/messages.ts";
import { Wire } from "./wire/wire.ts";

type Copied = Recorded & { columns: string[] | null; there: boolean };

/** One table that was copied, compared with what was recorded when it came. */
export interface Compared {
  name: string;
  /** `moved on`: REC.IO itself writes to it, so it need not be what came. */
  state: "equal" | "differs" | "gone" | "moved on";
  rowsThen: number;
  rowsNow?: number;
}

/** Tables that REC.IO or this product writes to after the copy. */
function isWritten({ schema, name }: Pick<Copied, "schema" | "name">): boolean {
  return schema === "live_data" || name === "probability_lookup_btc";
}

async function compare(wire: Wire, copied: Copied): Promise<Compared> {
  const written = isWritten(copied);
  const line = { name: fullName(copied), rowsThen: copied.rows };
  if (!copied.there) return { ...line, state: written ? "moved on" : "gone" };
  const columns = copied.columns ? ` (${copied.columns.map(quoteIdentifier).join(", ")})` : "";
  const back = new Tally();
  try {
    const { tags } = await wire.query(
      `COPY ${quoteName(copied.schema, copied.name)}${columns} TO STDOUT (FORMAT binary)`,
      { sink: back },
    );
    const same = back.crc === copied.checksum && back.bytes === copied.bytes;
    return { ...line, rowsNow: rowsOf(tags), state: same ? "equal" : written ? "moved on" : "differs" };
  } catch (thrown) {
    // A column that came is not there any more.
    if (thrown instanceof ServerRefusal && thrown.code.startsWith("42"))
      return { ...line, state: written ? "moved on" : "differs" };
    throw thrown;
  }
}

function summary(lines: readonly Compared[]): {
  says: string;
  detail?: string;
  level?: "warn";
  remedy?: Rung["remedy"];
} {
  const equal = lines.filter(({ state }) => state === "equal");
  const moved = lines.filter(({ state }) => state === "moved on");
  const bad = lines.filter(({ state }) => state === "differs" || state === "gone");
  const rows = grouped(equal.reduce((sum, { rowsThen }) => sum + rowsThen, 0));
  const says = [
    `${equal.length} of ${lines.length} tables are byte for byte what came (${rows} rows)`,
    ...(moved.length > 0 ? [`${moved.length} that REC.IO writes to have moved on`] : []),
    ...(bad.length > 0 ? [`${bad.length} ${bad.length === 1 ? "is" : "are"} not what came`] : []),
  ].join("; ");
  if (bad.length === 0) return { says };
  const each = bad.map(({ name, state, rowsThen, rowsNow }) =>
    state === "gone"
      ? `${name} is gone`
      : `${name}: ${grouped(rowsThen)} rows came, ${grouped(rowsNow ?? 0)} are there`,
  );
  return {
    says,
    detail: `${each.slice(0, 5).join("; ")}${each.length > 5 ? `; and ${each.length - 5} more` : ""}.`,
    level: "warn",
    remedy: sentence("Where nobody changed them on purpose, remove them and copy them from the source again."),
  };
}

/**
 * Reads every copied table again, as it is stored now, and compares it with the checksum that was recorded when it came.
 * Reads only. About a second for 200 MB.
 */
export async function verifyCopied({
  open,
  signal,
  onRung,
}: {
  open(): Promise<pg.Client>;
  signal: AbortSignal;
  onRung(rungs: Rung[]): void;
}): Promise<Climbed> {
  let client: pg.Client | undefined;
  let wire: Wire | undefined;
  const stop = () => wire?.destroy();
  signal.addEventListener("abort", stop, { once: true });
  const titles = {
    record: "What was copied is recorded",
    ...Object.fromEntries(clonedSchemas.map((schema) => [schema, `The tables of ${schema} are what came`])),
  };
  const lines: Compared[] = [];
  try {
    const climbed = await climb(titles, onRung, async ({ rung }) => {
      let copied: Copied[] = [];
      await rung("record", async () => {
        client = await open();
        const [known] = (await client.query("SELECT to_regclass('clone_state.copied') IS NOT NULL AS there")).rows;
        if (known?.there) copied = (await client.query(sqlFile("clone/copied-tables.sql"))).rows as Copied[];
        wire = new Wire(client);
        if (copied.length === 0)
          throw new Problem({
            code: "clone.nothing-copied",
            says: "Nothing was copied from a source yet.",
            remedy: repairedBy("clone-system-data", "Copy the system data."),
          });
        await wire.query(
          "SET synchronize_seqscans = off; SET statement_timeout = 0; SET default_transaction_read_only = on",
        );
        const moments = new Set(copied.map(({ snapshotAt }) => snapshotAt));
        const sources = [...new Set(copied.map(({ source }) => source))];
        return {
          says: `${copied.length} tables came from ${sources.join(" and ")}, of ${moments.size === 1 ? "one moment" : `${moments.size} moments`}`,
        };
      });
      for (const schema of clonedSchemas)
        await rung(schema, async () => {
          const own: Compared[] = [];
          for (const table of copied.filter((each) => each.schema === schema))
            own.push(await compare(wire as Wire, table));
          lines.push(...own);
          return own.length === 0 ? { says: `Nothing came of ${schema}` } : summary(own);
        });
      return { says: "", facts: { tables: lines } };
    });
    if (!climbed.accepted) return climbed;
    const bad = lines.filter(({ state }) => state === "differs" || state === "gone");
    return bad.length === 0
      ? { ...climbed, says: "What was copied is still what came." }
      : { ...climbed, accepted: false, says: `${bad.length} of the copied tables are not what came.` };
  } finally {
    signal.removeEventListener("abort", stop);
    if (wire) wire.end();
    else await client?.end().catch(() => {});
  }
}
