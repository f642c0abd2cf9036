import { gridOf } from "../../data/checkout-grid.ts";
import { archiveFolder, newestArchive } from "../../data/fingerprint-archive.ts";
import {
  type Before,
  buildLookup,
  type LookupReceipt,
  type LookupWorld,
  recordLookup,
  whatIsBefore,
} from "../../data/lookup-build.ts";
import { type LookupGrid, rowsOf } from "../../data/lookup-grid.ts";
import { lookupRecordFile, readLookupRecord } from "../../data/lookup-record.ts";
import {
  asApp,
  type BucketCount,
  contentFault,
  countLookup,
  grouped,
  lookAtLookup,
  lookupTable,
  shapeFault,
} from "../../data/lookup-table.ts";
import { takeLookupBack } from "../../data/lookup-take-back.ts";
import { type Change, type Step, step } from "../../engine/step.ts";
import { lookupProbe } from "../../health/probes/data/lookup.ts";
import { isProblem } from "../../problem.ts";

/** The count of a whole table whose values are remembered nowhere yet, or undefined: then the lookup has to be built. */
async function wholeButUnknown(
  world: LookupWorld,
  grid: LookupGrid,
  signal?: AbortSignal,
): Promise<BucketCount[] | undefined> {
  if (await readLookupRecord(world)) return undefined;
  const session = asApp(world.postgres, signal, 60_000);
  const shape = await lookAtLookup(session);
  if (!shape || shapeFault(shape)) return undefined;
  const counted = await countLookup(session);
  return contentFault(counted, grid, false) === undefined ? counted : undefined;
}

function whatHappensTo(before: Before): string {
  if (before.keepAs) return `; the ${grouped(before.rows)} rows that are there are kept as analytics.${before.keepAs}`;
  if (before.rows > 0) return `; they replace ${grouped(before.rows)} rows that this installer built`;
  return "";
}

async function changes(world: LookupWorld, grid: LookupGrid): Promise<Change[]> {
  const record: Change = { what: "file", target: lookupRecordFile(world), detail: "0600, values of known points" };
  let before: Before = { there: false, rows: 0, ours: false };
  try {
    const whole = await wholeButUnknown(world, grid);
    if (whole) {
      const rows = whole.reduce((sum, line) => sum + line.rows, 0);
      return [
        {
          ...record,
          detail: `0600, values of known points of the ${grouped(rows)} rows that are there; the table is not changed`,
        },
      ];
    }
    before = await whatIsBefore(asApp(world.postgres, undefined, 60_000));
  } catch (thrown) {
    // Before the first run there is no database to ask, and so there are no rows in it.
    if (!isProblem(thrown)) throw thrown;
  }
  const archive = (await newestArchive(world)) ?? "btc_fingerprint_archive_*.zip";
  const detail = `${grouped(rowsOf(grid))} rows computed from ${archiveFolder}/${archive}${whatHappensTo(before)}`;
  return [{ what: "rows", target: lookupTable, detail }, record];
}

/** Before a copy nobody knows whether it brings a whole table: both ways are shown, and agreed to at once. */
async function changesAfterCopy(world: LookupWorld, grid: LookupGrid): Promise<Change[]> {
  const archive = (await newestArchive(world)) ?? "btc_fingerprint_archive_*.zip";
  const detail = `only where what was copied is not whole: ${grouped(rowsOf(grid))} rows computed from ${archiveFolder}/${archive}, the copied ones kept under a dated name`;
  return [
    { what: "rows", target: lookupTable, detail },
    { what: "file", target: lookupRecordFile(world), detail: "0600, values of known points" },
  ];
}

/**
 * Builds analytics.probability_lookup_btc from the checkout's fingerprint archive, or remembers the values of a whole
 * table that somebody else made. The checkout says how fine the grid is; `grid` is for tests.
 */
export function buildProbabilityLookup({
  grid,
  afterCopy = false,
}: {
  grid?: LookupGrid;
  /** The system data was copied by the step before. */
  afterCopy?: boolean;
} = {}): Step<"postgres" | "paths" | "machine" | "checkout", LookupReceipt> {
  return step({
    id: "build-probability-lookup",
    title: "Build the probability lookup",
    why: "Without it REC.IO's strike tables look fresh and say 50.00 everywhere.",
    probes: [lookupProbe(grid ? { grid } : {})],
    describe: async (world) => (afterCopy ? changesAfterCopy : changes)(world, grid ?? (await gridOf(world))),
    async run(world, job) {
      const wanted = grid ?? (await gridOf(world));
      const whole = await wholeButUnknown(world, wanted, job.signal);
      if (!whole) return buildLookup(world, wanted, job);
      job.log(`${lookupTable} is whole; the values of its known points are written down.`);
      return recordLookup(world, wanted, whole);
    },
    undo: { takeBack: takeLookupBack },
  });
}
