import type { Job } from "../engine/step.ts";
import { quoteName } from "../postgres/identifier.ts";
import type { Session } from "../postgres/postgres.ts";
import { sqlFile } from "../postgres/sql-file.ts";
import { Problem, sentence } from "../problem.ts";
import type { World } from "../world.ts";
import { archiveFolder, archiveOrProblem } from "./fingerprint-archive.ts";
import { knownPoints, type LookupGrid, rowsOf } from "./lookup-grid.ts";
import { type LookupRecord, sampleHash, writeLookupRecord } from "./lookup-record.ts";
import { type ComputedLookup, streamLookup } from "./lookup-stream.ts";
import {
  asApp,
  type BucketCount,
  buildingName,
  builtComment,
  builtFrom,
  comment,
  countLookup,
  grouped,
  lookAtLookup,
  lookupName,
  lookupTable,
  readPoints,
  rename,
  withTableAlone,
} from "./lookup-table.ts";

export type LookupWorld = Pick<World, "postgres" | "paths" | "machine" | "checkout">;

/** What a build or the taking of known points really did. */
export type LookupReceipt = {
  /** "building": rows may lie in the table in the making. "built": our table stands in its place. "recorded": only the record was written. */
  kind: "building" | "built" | "recorded";
  archive?: string;
  checksum?: string;
  rows?: number;
  /** Was a table there before? Then it is there again, empty, when ours is taken back. */
  tableBefore?: boolean;
  /** The name in schema analytics under which somebody else's rows were kept. */
  kept?: string;
  /** "built": seconds and points between neighbours, and a hash over the values of the known points of that grid. */
  grid?: { ttcStep: number; bufferStep: number };
  sample?: string;
};

/** What is in the way of a new table, for `describe` and for the exchange itself. */
export interface Before {
  there: boolean;
  rows: number;
  /** Built by this installer from an archive: its rows can be computed again. */
  ours: boolean;
  /** The name under which rows that are not ours are kept. */
  keepAs?: string;
}

/** How long a dead attempt's session may take to end: the server notices when it next reads from it. */
const deadAttemptMs = 60_000;
/** A build needs the rows, the key and as much of write-ahead log. Measured: 0.95 GB of table and key. */
const bytesPerRow = 250;

type Asks = Pick<Session, "query">;

/** The first free name for rows that are kept aside. */
async function freeName(session: Asks): Promise<string> {
  for (let number = 1; ; number++) {
    const name = `${lookupName}_before${number === 1 ? "" : `_${number}`}`;
    if (!(await lookAtLookup(session, name))) return name;
  }
}

/** What stands at the lookup's name now, and what a build would do with it. */
export async function whatIsBefore(session: Asks): Promise<Before> {
  const shape = await lookAtLookup(session);
  if (!shape) return { there: false, rows: 0, ours: false };
  const [counted] = await session.query<{ rows: number }>(`SELECT count(*)::float8 AS rows FROM ${lookupTable}`);
  const rows = counted?.rows ?? 0;
  const table = shape.kind === "r";
  const ours = table && builtFrom(shape.comment) !== undefined;
  if (table && (rows === 0 || ours)) return { there: true, rows, ours };
  return { there: true, rows, ours: false, keepAs: await freeName(session) };
}

async function roomOrProblem(world: LookupWorld, rows: number): Promise<void> {
  if (world.postgres.target.kind !== "embedded") return;
  const free = await world.machine.freeBytes(world.paths.postgresData);
  const needed = rows * bytesPerRow;
  if (free >= needed) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new Problem({
    code: "data.disk-too-small",
    says: `The lookup needs ${gigabytes(needed)} of disk while it is built, and ${gigabytes(free)} are free.`,
    remedy: sentence("Free space on the disk of the state folder and run the step again."),
  });
}

/** The rows as they arrived must be the rows as they were computed. A difference is a fault of ours, not the person's. */
function assertArrived(counted: readonly BucketCount[], computed: ComputedLookup): void {
  const same = computed.buckets.every(([bucket, rows, rise, fall]) => {
    const line = counted.find((candidate) => candidate.bucket === bucket);
    return line && line.rows === rows && line.rise === rise && line.fall === fall && line.impossible === 0;
  });
  if (!same || counted.length !== computed.buckets.length)
    throw new Error(`the rows in ${lookupTable} are not the rows that were computed`);
}

/** "about 12 s left", from the rate so far; nothing where it is too early to say. */
function remaining(done: number, total: number, startedAt: number): string | undefined {
  const tookMs = performance.now() - startedAt;
  if (tookMs < 1500 || done === 0) return undefined;
  return `about ${Math.max(1, Math.round(((total - done) * tookMs) / done / 1000))} s left`;
}

/** Rows, then key, in a table beside the real one, in one transaction: a dead attempt leaves nothing that is half. */
async function loadBeside(
  world: LookupWorld,
  archive: string,
  grid: LookupGrid,
  job: Job<LookupReceipt>,
): Promise<ComputedLookup> {
  const total = rowsOf(grid);
  const startedAt = performance.now();
  return world.postgres.withTransaction(
    "app",
    async (session) => {
      await session.query(`SET LOCAL lock_timeout = ${deadAttemptMs}`);
      await session.query(`SELECT pg_advisory_xact_lock(hashtext('${buildingName}'))`);
      await session.query(`DROP TABLE IF EXISTS ${quoteName("analytics", buildingName)}`);
      await session.query(sqlFile("data/lookup-create.sql"));
      const { computed, loaded } = await streamLookup(
        world,
        {
          archivePath: world.checkout.at(archiveFolder, archive),
          archiveName: archive,
          grid,
          points: knownPoints(grid),
          signal: job.signal,
          onRows: (rows) => job.progress(rows, total, "rows", remaining(rows, total, startedAt)),
        },
        (rows) => session.copyIn(sqlFile("data/lookup-copy.sql"), rows),
      );
      if (loaded !== computed.rows || computed.rows !== total)
        throw new Error(`${loaded} rows were loaded, ${computed.rows} computed, ${total} wanted`);
      job.progress(total, total, "rows", "making the primary key");
      await session.query("SET LOCAL maintenance_work_mem = '256MB'");
      await session.query(sqlFile("data/lookup-key.sql"));
      job.progress(total, total, "rows", "counting what arrived");
      assertArrived(await countLookup(session, buildingName), computed);
      await comment(session, buildingName, builtComment(archive, computed.checksum));
      return computed;
    },
    { signal: job.signal, statementTimeoutMs: 0 },
  );
}

/**
 * Builds the lookup from the checkout's newest archive and puts it in its place. Rows of somebody else that are there
 * are kept under another name.
 * @throws Problems `data.…` and `database.…`; the signal's reason.
 */
export async function buildLookup(
  world: LookupWorld,
  grid: LookupGrid,
  job: Job<LookupReceipt>,
): Promise<LookupReceipt> {
  const archive = await archiveOrProblem(world);
  await roomOrProblem(world, rowsOf(grid));
  await job.spent({ kind: "building", archive });
  job.log(`Computing ${grouped(rowsOf(grid))} rows from ${archiveFolder}/${archive}.`);
  const computed = await loadBeside(world, archive, grid, job);
  job.log(`${grouped(computed.rows)} rows are loaded, keyed and counted; values sha256 ${computed.checksum}.`);
  const before = await whatIsBefore(asApp(world.postgres, job.signal, 60_000));
  const receipt: LookupReceipt = {
    kind: "built",
    archive,
    checksum: computed.checksum,
    rows: computed.rows,
    tableBefore: before.there,
    grid: { ...grid },
    sample: sampleHash(computed.values),
    ...(before.keepAs ? { kept: before.keepAs } : {}),
  };
  await job.spent(receipt);
  try {
    await withTableAlone(world.postgres, job.signal, async (session) => {
      if (before.keepAs) await rename(session, lookupName, before.keepAs);
      else if (before.there) await session.query(`DROP TABLE ${lookupTable}`);
      await rename(session, buildingName, lookupName);
    });
  } catch (thrown) {
    await world.postgres
      .query("app", `DROP TABLE IF EXISTS ${quoteName("analytics", buildingName)}`)
      // The next attempt removes it too; what is told is why the exchange failed.
      .catch(() => undefined);
    throw thrown;
  }
  if (before.keepAs) job.log(`${grouped(before.rows)} earlier rows are kept in analytics.${before.keepAs}.`);
  await world.postgres.query("app", `ANALYZE ${lookupTable}`, [], { signal: job.signal, statementTimeoutMs: 60_000 });
  await writeLookupRecord(world, recordOf(computed, grid));
  return receipt;
}

function recordOf(computed: ComputedLookup, grid: LookupGrid): LookupRecord {
  const points = knownPoints(grid).map(({ ttc, buffer, bucket }, index): LookupRecord["points"][number] => {
    const [rise, fall] = computed.values[index] ?? [];
    if (rise === undefined || fall === undefined) throw new Error("the computation left out a known point");
    return [ttc, buffer, bucket, rise, fall];
  });
  return {
    version: 1,
    origin: "built",
    checksum: computed.checksum,
    grid: { ...grid },
    rows: computed.rows,
    buckets: computed.buckets,
    points,
  };
}

/** Takes the values of a whole table that is there as the known ones. Points that it lacks are left out. */
export async function recordLookup(
  world: LookupWorld,
  grid: LookupGrid,
  counted: readonly BucketCount[],
): Promise<LookupReceipt> {
  const session = asApp(world.postgres, undefined, 60_000);
  const asked = knownPoints(grid);
  const values = await readPoints(session, asked);
  const mark = builtFrom((await lookAtLookup(session))?.comment ?? null);
  const rows = counted.reduce((sum, line) => sum + line.rows, 0);
  await writeLookupRecord(world, {
    version: 1,
    origin: mark ? "built" : "found",
    ...(mark ? { checksum: mark.checksum } : {}),
    grid: { ...grid },
    rows,
    buckets: counted.map(({ bucket, rows: inBucket, rise, fall }) => [
      bucket,
      inBucket,
      Math.round(rise),
      Math.round(fall),
    ]),
    points: asked.flatMap(({ ttc, buffer, bucket }, index) => {
      const value = values[index];
      return value
        ? [[ttc, buffer, bucket, Math.round(value[0]), Math.round(value[1])] as LookupRecord["points"][number]]
        : [];
    }),
  });
  return { kind: "recorded", rows };
}
