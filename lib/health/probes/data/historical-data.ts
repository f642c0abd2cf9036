import { grouped } from "../../../data/lookup-table.ts";
import { type Finding, probe } from "../../../engine/probe.ts";
import { sqlFile } from "../../../postgres/sql-file.ts";
import type { World } from "../../../world.ts";

export interface HistoryTable {
  name: string;
  /** The planner's guess; -1 where it never looked. */
  rows: number;
}

/** No finding here can be bad: nothing that runs depends on these tables (facts/recio-contract.md section 2.2). Pure. */
export function judgeHistory(tables: readonly HistoryTable[]): Finding {
  const filled = tables.filter(({ rows }) => rows > 0);
  if (filled.length === 0) return { level: "ok", says: "Historical data is absent; no supervised program reads it." };
  const each = filled.map(({ name, rows }) => `historical_data.${name} holds about ${grouped(Math.round(rows))} rows`);
  return { level: "ok", says: `${each.join(", ")}; no supervised program reads them.` };
}

/** Are there historical prices? Tools of the checkout read them, the twelve programs do not. */
export const historicalDataProbe = probe({
  id: "historical-data",
  title: "Historical prices are not needed by any program",
  group: "Data",
  label: "machine",
  everyMs: 300_000,
  collect: (world: Pick<World, "postgres">, signal) =>
    world.postgres.query<HistoryTable>("app", sqlFile("data/history-tables.sql"), [], { signal }),
  judge: judgeHistory,
});
