import { quoteLiteral, quoteName } from "../postgres/identifier.ts";
import type { Postgres, Session } from "../postgres/postgres.ts";
import { sqlFile } from "../postgres/sql-file.ts";
import { isProblem, Problem, sentence } from "../problem.ts";
import { buckets, type LookupGrid, type LookupPoint, rowsOfBucket } from "./lookup-grid.ts";

export const lookupName = "probability_lookup_btc";
/** The table as findings name it. */
export const lookupTable = `analytics.${lookupName}`;
export const buildingName = `${lookupName}_building`;

/** What stands at the table's name, from the catalogue. */
export interface LookupShape {
  /** Of pg_class.relkind: r, p, v, m, f. */
  kind: string;
  owner: string;
  /** The number of the file that holds it: another one after TRUNCATE or an exchange. */
  file: string;
  comment: string | null;
  /** "ttc_seconds integer" and so on, in their order. */
  columns: string[];
  key: string[];
  /** Rows ever inserted, updated and deleted: moves with every write. */
  writes: string;
}

/** One bucket of a full count. Sums and bounds in hundredths of per cent. */
export interface BucketCount {
  bucket: number;
  rows: number;
  rise: number;
  fall: number;
  least: number;
  most: number;
  impossible: number;
}

/** The columns that the contract demands (facts/recio-schema.json), in any order. */
export const lookupColumns = [
  "ttc_seconds integer",
  "buffer_points integer",
  "momentum_bucket integer",
  "prob_within_positive numeric(5,2)",
  "prob_within_negative numeric(5,2)",
];
export const lookupKey = ["ttc_seconds", "buffer_points", "momentum_bucket"];

type Asks = Pick<Session, "query">;

/** A session's way of asking, over the pool. */
export function asApp(postgres: Pick<Postgres, "query">, signal?: AbortSignal, statementTimeoutMs?: number): Asks {
  return {
    query: (text, values) =>
      postgres.query("app", text, values, {
        ...(signal ? { signal } : {}),
        ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
      }),
  };
}

/** What stands at `analytics.<name>`, or undefined where nothing does. */
export async function lookAtLookup(session: Asks, name = lookupName): Promise<LookupShape | undefined> {
  const [shape] = await session.query<LookupShape>(sqlFile("data/lookup-table.sql"), [name]);
  return shape;
}

/** A full count. The table in the making is counted by the same statement, under its own name. */
export async function countLookup(
  session: Asks,
  name: typeof lookupName | typeof buildingName = lookupName,
): Promise<BucketCount[]> {
  return session.query<BucketCount>(sqlFile("data/lookup-count.sql").replaceAll(lookupTable, `analytics.${name}`));
}

/** The values at these points in hundredths of per cent, `undefined` where a point has no row (or no value). */
export async function readPoints(
  session: Asks,
  points: readonly LookupPoint[],
): Promise<([number, number] | undefined)[]> {
  const rows = await session.query<{ rise: number | null; fall: number | null }>(sqlFile("data/lookup-points.sql"), [
    points.map(({ ttc }) => ttc),
    points.map(({ buffer }) => buffer),
    points.map(({ bucket }) => bucket),
  ]);
  return rows.map(({ rise, fall }) => (rise === null || fall === null ? undefined : [rise, fall]));
}

/** What is wrong with a table's shape, in words that complete "analytics.probability_lookup_btc …". Pure. */
export function shapeFault(shape: LookupShape): { says: string; objects: string[] } | undefined {
  if (shape.kind !== "r" && shape.kind !== "p") return { says: "is not a table", objects: [lookupTable] };
  const missing = lookupColumns.filter((column) => !shape.columns.includes(column));
  if (missing.length > 0)
    return {
      says: `has no column ${missing.join(", no column ")}`,
      objects: missing.map((column) => `${lookupTable}.${column.split(" ")[0]}`),
    };
  if (shape.key.join() !== lookupKey.join())
    return { says: `has no primary key (${lookupKey.join(", ")})`, objects: [lookupTable] };
  return undefined;
}

/** The least share of rows that a table which somebody else made must hold: REC.IO's own production table lacks 0.14 %. */
const leastShare = 0.99;

/** What is wrong with a table's rows, in the same words. `exactly`: not one row may be missing. Pure. */
export function contentFault(count: readonly BucketCount[], grid: LookupGrid, exactly: boolean): string | undefined {
  const total = count.reduce((sum, { rows }) => sum + rows, 0);
  if (total === 0) return "is empty, so every probability in the strike tables is 50.00";
  const missing = buckets.filter((bucket) => !count.some((line) => line.bucket === bucket));
  if (missing.length > 0)
    return `lacks ${missing.length} of ${buckets.length} momentum buckets, the first is ${missing[0]}`;
  const impossible = count.reduce((sum, line) => sum + line.impossible, 0);
  if (impossible > 0) return `holds ${grouped(impossible)} rows with a value that is no probability from 0 to 100`;
  const least = Math.min(...count.map((line) => line.least));
  const most = Math.max(...count.map((line) => line.most));
  if (least === most) return `says ${(least / 100).toFixed(2)} everywhere`;
  const whole = rowsOfBucket(grid);
  const few = count.find(
    ({ bucket, rows }) => buckets.includes(bucket) && rows < (exactly ? whole : whole * leastShare),
  );
  if (few) return `holds ${grouped(few.rows)} of ${grouped(whole)} rows in momentum bucket ${few.bucket}`;
  if (exactly && (total !== whole * buckets.length || count.length !== buckets.length))
    return `holds ${grouped(total)} rows instead of ${grouped(whole * buckets.length)}`;
  return undefined;
}

/** 8840181 → "8,840,181". */
export function grouped(rows: number): string {
  return rows.toLocaleString("en-GB");
}

/** What we write on a table that we built. It tells our rows from somebody else's, also where the state was lost. */
const builtMark = /^Built by REC\.IO Setup from (\S+), values sha256 ([0-9a-f]{64})\.$/;

export function builtComment(archive: string, checksum: string): string {
  return `Built by REC.IO Setup from ${archive}, values sha256 ${checksum}.`;
}

/** The archive and the checksum that a table of ours names, or undefined on anybody else's. */
export function builtFrom(comment: string | null): { archive: string; checksum: string } | undefined {
  const found = comment === null ? undefined : builtMark.exec(comment);
  return found?.[1] && found[2] ? { archive: found[1], checksum: found[2] } : undefined;
}

/** Writes a table's comment, or takes it away. */
export async function comment(session: Asks, name: string, text: string | null): Promise<void> {
  const literal = text === null ? "NULL" : quoteLiteral(text);
  await session.query(`COMMENT ON TABLE ${quoteName("analytics", name)} IS ${literal}`);
}

/** Runs work that needs the table for itself, with a short wait; names who is in the way where it does not get it. */
export async function withTableAlone<T>(
  postgres: Postgres,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const tries = 4;
  for (let attempt = 1; ; attempt++) {
    try {
      return await postgres.withTransaction(
        "app",
        async (session) => {
          // A waiting ALTER would make every reader wait behind it, so it gives up soon and comes again.
          await session.query("SET LOCAL lock_timeout = '2s'");
          return await work(session);
        },
        { signal, statementTimeoutMs: 60_000 },
      );
    } catch (thrown) {
      if (!isProblem(thrown) || thrown.code !== "database.lock-timeout") throw thrown;
      if (attempt === tries) throw await inTheWay(postgres);
    }
  }
}

async function inTheWay(postgres: Postgres): Promise<Problem> {
  const holders = await postgres.query<{ holder: string }>("app", sqlFile("data/lookup-holders.sql"));
  const names = holders.map(({ holder }) => holder).join(", ");
  return new Problem({
    code: "data.lookup-in-use",
    says: `${lookupTable} cannot be exchanged: ${names || "another session"} holds it.`,
    remedy: sentence(`Stop ${names || "that session"} and run the step again.`),
  });
}

const pkey = (name: string) => `${name}_pkey`;

/** Renames a table of schema analytics and its key, which shares the schema's names. */
export async function rename(session: Pick<Session, "query">, from: string, to: string): Promise<void> {
  await session.query(`ALTER TABLE ${quoteName("analytics", from)} RENAME TO ${quoteName(to)}`);
  await session.query(`ALTER INDEX IF EXISTS ${quoteName("analytics", pkey(from))} RENAME TO ${quoteName(pkey(to))}`);
}
