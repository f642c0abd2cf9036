import { sqlFile } from "../../postgres/sql-file.ts";
import { clone, inspect } from "../clone.ts";
import type { CatalogueTable } from "../table.ts";
import { type Ends, Transfer } from "../transfer.ts";
import { type Ground, median, timed } from "./ground.ts";

/** What was told of the time left, and when, in milliseconds since the copy began. */
interface Told {
  atMs: number;
  bytes: number;
  leftMs: number;
}

/**
 * Median error of what was told, as a part of the time that was really left, from the first fifth of the bytes on.
 * The last hundredth of the time is left out: a part of nothing says nothing.
 */
function medianError(told: readonly Told[], wholeMs: number): number {
  const bytes = told.at(-1)?.bytes ?? 0;
  const errors = told
    .filter((each) => each.bytes >= bytes / 5 && each.atMs < wholeMs * 0.99)
    .map(({ atMs, leftMs }) => Math.abs(leftMs - (wholeMs - atMs)) / (wholeMs - atMs));
  return median(errors);
}

/** Our whole clone: made, filled, compared, indexed, analysed. Seconds, and how wrong the estimate was. */
export async function ourClone(
  { source, target }: Ground,
  database: string,
  port?: number,
): Promise<{ seconds: number; etaError: number }> {
  const ends: Ends = { source: () => source.connect(database, port), target: () => target.connect("copy") };
  const told: Told[] = [];
  const began = performance.now();
  const seconds = await timed(async () => {
    const inspected = await inspect(ends, "bench", { trusted: true });
    const end = await clone(inspected, {
      ends,
      sourceName: "bench",
      proof: "stored",
      visitor: { userId: "bench", name: "bench", email: "bench@example.com", agent: "bench", version: "0" },
      withoutLog: true,
      keepAndReplace: false,
      log: () => {},
      progress({ left, bytes }) {
        if (left) told.push({ atMs: performance.now() - began, bytes, leftMs: ((left.least + left.most) / 2) * 1000 });
      },
    });
    if (end.failed.length > 0) throw new Error(end.failed[0]?.says);
  });
  return { seconds, etaError: medianError(told, seconds * 1000) };
}

/** Our load alone: tables without keys, the checksum of what came included, nothing read back. */
export async function ourLoad({ source, target, tables }: Ground, only: (table: CatalogueTable) => boolean) {
  const state = await target.connect("copy");
  await state.query(sqlFile("clone/state.sql"));
  await state.end();
  return timed(async () => {
    const end = await new Transfer({
      ends: { source: () => source.connect("whole"), target: () => target.connect("copy") },
      tables: tables.filter(only).map((table) => ({ ...table, indexes: [] })),
      existing: new Set(),
      proof: "received",
      sameMajor: true,
      sourceName: "bench",
      on: () => {},
    }).run();
    if (end.failed.length > 0) throw new Error(end.failed[0]?.says);
  });
}
