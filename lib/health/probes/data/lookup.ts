import { gridOf } from "../../../data/checkout-grid.ts";
import { archiveFolder, newestArchive } from "../../../data/fingerprint-archive.ts";
import { fullGrid, type LookupGrid, rowsOf } from "../../../data/lookup-grid.ts";
import { type LookupRecord, readLookupRecord } from "../../../data/lookup-record.ts";
import {
  asApp,
  type BucketCount,
  contentFault,
  countLookup,
  grouped,
  type LookupShape,
  lookAtLookup,
  lookupTable,
  readPoints,
  shapeFault,
} from "../../../data/lookup-table.ts";
import { type Finding, type Probe, probe } from "../../../engine/probe.ts";
import { type Remedy, repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";

export interface LookupFacts {
  /** How finely the checkout's calculator wants it; absent: as finely as REC.IO's. */
  grid?: LookupGrid;
  /** Absent where nothing stands at the name. */
  shape?: LookupShape;
  record?: LookupRecord;
  /** Known points, as they are now: undefined where a point has no row. Only with a record and a sound shape. */
  values?: ([number, number] | undefined)[];
  /** The last full count that still stands, and how old it is. Only with a sound shape and right points. */
  counted?: BucketCount[];
  countAgeMs?: number;
}

export interface LookupProbeOptions {
  /** Instead of the checkout's own. */
  grid?: LookupGrid;
  /** False where the person chose to go without system data: then a missing table is a lasting warning. */
  wanted?: boolean;
}

/** A count is taken anew after this long even where nothing seems to have been written. */
const countEveryMs = 3_600_000;
const everyMs = 10_000;
/** A first count on a cold disk has to read the whole table. */
const timeoutMs = 45_000;

const build: Remedy = repairedBy("build-probability-lookup", "Build it from the checkout's fingerprint archive.");
const goWithout: Remedy = sentence("Choose the checkout's archive as system data to have it built.");

/** How many known points are not what they were. */
function wrongPoints(record: LookupRecord, values: readonly ([number, number] | undefined)[]) {
  const missing = values.filter((value) => value === undefined).length;
  const changed = record.points.filter(([, , , rise, fall], index) => {
    const value = values[index];
    return value !== undefined && (value[0] !== rise || value[1] !== fall);
  }).length;
  return { missing, changed };
}

/** Why the rows are not the recorded ones, from a full count. */
function countFault(record: LookupRecord, counted: readonly BucketCount[]): string | undefined {
  const rows = counted.reduce((sum, line) => sum + line.rows, 0);
  if (rows !== record.rows) return `holds ${grouped(rows)} rows instead of ${grouped(record.rows)}`;
  const other = record.buckets.find(([bucket, inBucket, rise, fall]) => {
    const line = counted.find((candidate) => candidate.bucket === bucket);
    return !line || line.rows !== inBucket || Math.round(line.rise) !== rise || Math.round(line.fall) !== fall;
  });
  return other && `holds other values than it did in momentum bucket ${other[0]}`;
}

/** "just now", "4 min ago". */
function ago(ageMs: number): string {
  return ageMs < 60_000 ? "just now" : `${Math.floor(ageMs / 60_000)} min ago`;
}

/** What the facts amount to. Pure. */
export function judgeLookup(facts: LookupFacts, options: LookupProbeOptions = {}): Finding {
  const { grid = facts.grid ?? fullGrid, wanted = true } = options;
  const bad = (says: string, objects: readonly string[] = [lookupTable]): Finding =>
    wanted
      ? { level: "fail", says: `${lookupTable} ${says}.`, objects, remedy: build }
      : { level: "warn", says: `${lookupTable} ${says}.`, objects, remedy: goWithout };
  const { shape, record, values, counted } = facts;
  if (!shape) return bad("is missing, so every probability in the strike tables is 50.00");
  const fault = shapeFault(shape);
  if (fault) return bad(fault.says, fault.objects);
  const empty = counted?.every(({ rows }) => rows === 0);
  if (empty) return bad("is empty, so every probability in the strike tables is 50.00");
  if (!record) {
    const content = counted && contentFault(counted, grid, false);
    if (content) return bad(content);
    if (wanted) return bad("is whole, but none of its values are remembered yet");
    return {
      level: "ok",
      says: `${lookupTable} holds ${grouped(counted?.reduce((sum, line) => sum + line.rows, 0) ?? 0)} rows in all 61 momentum buckets.`,
    };
  }
  if (record.origin === "built" && record.rows !== rowsOf(grid))
    return bad(`was built with ${grouped(record.rows)} rows instead of ${grouped(rowsOf(grid))}`);
  const { missing, changed } = wrongPoints(record, values ?? []);
  const points = record.points.length;
  if (missing === points) return bad("is empty, so every probability in the strike tables is 50.00");
  if (missing > 0) return bad(`lacks ${missing} of ${points} known points`);
  if (changed > 0) return bad(`has other values than it did at ${changed} of ${points} known points`);
  if (!counted) return { level: "unknown", says: `The rows of ${lookupTable} are not counted yet.` };
  const differs = countFault(record, counted);
  if (differs) return bad(differs);
  const says = `${grouped(record.rows)} rows, ${points} known points are right, all rows counted ${ago(facts.countAgeMs ?? 0)}.`;
  if (record.rows < rowsOf(grid))
    return {
      level: "warn",
      says: `${says} A full grid has ${grouped(rowsOf(grid))}.`,
      objects: [lookupTable],
      remedy: sentence(`Empty ${lookupTable} and run the step again to have it built whole.`),
    };
  return { level: "ok", says };
}

/**
 * Is analytics.probability_lookup_btc whole and right? A missing or empty one does not make REC.IO fail: its strike
 * tables are fresh and say 50.00 everywhere (strike_table_generator.py:64,91,122).
 *
 * Each look reads the known points through the primary key. All rows are counted at the first look, after any write
 * (the table's file or its counters moved) and every hour; between those the last count stands.
 */
export function lookupProbe(
  options: LookupProbeOptions = {},
): Probe<"postgres" | "paths" | "machine" | "checkout", LookupFacts> {
  let last: { of: string; at: number; counted: BucketCount[] } | undefined;
  return probe({
    id: "probability-lookup",
    title: "The probability lookup is whole and right",
    group: "Data",
    label: "machine",
    everyMs,
    timeoutMs,
    async collect(world: Pick<World, "postgres" | "paths" | "machine" | "checkout">, signal) {
      const session = asApp(world.postgres, signal, timeoutMs);
      const [shape, record, grid] = await Promise.all([
        lookAtLookup(session),
        readLookupRecord(world),
        options.grid ?? gridOf(world),
      ]);
      if (!shape || shapeFault(shape)) return { grid, ...(shape ? { shape } : {}), ...(record ? { record } : {}) };
      const facts: LookupFacts = { grid, shape, ...(record ? { record } : {}) };
      if (record) {
        facts.values = await readPoints(
          session,
          record.points.map(([ttc, buffer, bucket]) => ({ ttc, buffer, bucket })),
        );
        const { missing, changed } = wrongPoints(record, facts.values);
        // What is known to be wrong need not be counted: a table that is being filled would be counted again and again.
        if (missing + changed > 0) return facts;
      }
      const of = `${shape.file} ${shape.writes}`;
      if (last?.of !== of || Date.now() - last.at >= countEveryMs)
        last = { of, at: Date.now(), counted: await countLookup(session) };
      return { ...facts, counted: last.counted, countAgeMs: Date.now() - last.at };
    },
    judge: (facts) => judgeLookup(facts, options),
  });
}

/** Does the checkout hold what the lookup is built from? For the gate, so that it is known before anything is changed. */
export const archiveProbe = probe({
  id: "fingerprint-archive",
  title: "The checkout holds a BTC fingerprint archive",
  group: "Data",
  label: "checkout",
  everyMs: 600_000,
  collect: (world: Pick<World, "checkout" | "machine">) => newestArchive(world),
  judge: (name) =>
    name === undefined
      ? {
          level: "fail",
          says: `The checkout holds no BTC fingerprint archive in ${archiveFolder}.`,
          remedy: sentence("Use a checkout that holds one, or choose to install without system data."),
        }
      : { level: "ok", says: `${name} is there.` },
});
