import { quoteLiteral, quoteName } from "../postgres/identifier.ts";
import { createIndexes, createTable, listOf } from "./definition.ts";
import { type CatalogueTable, fullName } from "./table.ts";
import { settle } from "./target.ts";
import { checksum } from "./wire/checksum.ts";
import type { CopySink, Wire } from "./wire/wire.ts";

/**
 * How a table's arrival is proven: by reading back what was stored, or also by a hash of the contents at both ends.
 * `received` proves nothing but the count, and is for measuring the relay alone.
 */
export type Proof = "received" | "stored" | "deep";

/** What one table's transfer came to, as it stands in clone_state.copied. */
export interface CopiedTable {
  schema: string;
  name: string;
  rows: number;
  /** Bytes of the binary COPY. */
  bytes: number;
  /** CRC-32 of those bytes, as received and as read back. */
  checksum: number;
  /** The columns that came, in their order. */
  columns: string[];
  /** Sum of the rows' hashes at both ends, where it was asked for. */
  contentHash?: string;
}

/** What arrived is not what was sent: the table is not put in place. */
export class Different extends Error {
  override name = "Different";
  constructor(
    readonly table: string,
    readonly says: string,
  ) {
    super(says);
  }
}

/** Rows stand in the target's table, and nobody agreed to replace them. */
export class OccupiedTable extends Error {
  override name = "OccupiedTable";
  constructor(readonly table: CatalogueTable) {
    super(`${fullName(table)} holds rows`);
  }
}

/** Bytes of a COPY and their checksum. */
export class Tally implements CopySink {
  bytes = 0;
  crc = 0;
  open(): Promise<void> | void {}
  take(buffer: Buffer, from: number, to: number): boolean {
    this.bytes += to - from;
    this.crc = checksum(buffer.subarray(from, to), this.crc);
    return true;
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> | void {}
}

/** A tally that passes everything on to the other connection. */
class Relay extends Tally {
  readonly #ready: Promise<Wire>;
  #target: Wire | undefined;
  #seen: (bytes: number) => void;
  constructor(ready: Promise<Wire>, seen: (bytes: number) => void) {
    super();
    this.#ready = ready;
    this.#seen = seen;
  }
  override async open(): Promise<void> {
    this.#target = await this.#ready;
  }
  override take(buffer: Buffer, from: number, to: number): boolean {
    super.take(buffer, from, to);
    this.#seen(to - from);
    return (this.#target as Wire).send(buffer, from, to);
  }
  override drained(): Promise<void> {
    return (this.#target as Wire).drained();
  }
  override close(): void {
    this.#target?.finish();
  }
}

/** `COPY 42` → 42. */
export function rowsOf(tags: readonly string[]): number {
  const tag = tags.find((text) => text.startsWith("COPY "));
  return tag ? Number(tag.slice(5)) : Number.NaN;
}

/** Types that have no hash, so that their rows are hashed as text. */
const withoutHash = /^(json|xml|money|point|line|lseg|box|path|polygon|circle)(\[\])*$/;

/**
 * The statement that sums the hashes of a table's rows. As text where the majors differ (a record's hash may differ
 * between them) or a type has none.
 */
export function hashStatement(table: CatalogueTable, sameMajor: boolean): string {
  const rows = `(SELECT ${listOf(table.columns)} FROM ${quoteName(table.schema, table.name)}) AS t`;
  const asText = !sameMajor || table.columns.some(({ type }) => withoutHash.test(type));
  const hash = asText ? "hashtextextended(t::text, 0)" : "hash_record_extended(t, 0)";
  return `SELECT coalesce(sum(${hash}), 0)::text FROM ${rows}`;
}

/** A table whose rows have been asked for on a source connection, before anybody was ready to take them. */
export interface Asked {
  table: CatalogueTable;
  relay: Tally;
  rows: Promise<number>;
  hash: Promise<string | undefined>;
  /** The target is ready to take the rows. */
  ready(target: Wire): void;
}

/** Asks a source for a table; many may be asked for ahead on one connection. */
export function ask(
  source: Wire,
  table: CatalogueTable,
  proof: Proof,
  sameMajor: boolean,
  seen: (bytes: number) => void,
): Asked {
  let ready: (target: Wire) => void = () => {};
  const relay = new Relay(
    new Promise((resolve) => {
      ready = resolve;
    }),
    seen,
  );
  const columns = listOf(table.columns);
  const place = quoteName(table.schema, table.name);
  // A generated column can only be selected, not named in a COPY of the table itself.
  const what =
    table.kind === "r" && !table.columns.some(({ generated }) => generated)
      ? `${place} (${columns})`
      : `(SELECT ${columns} FROM ${place})`;
  const answer = source
    .query(`COPY ${what} TO STDOUT (FORMAT binary)`, { sink: relay })
    .then(({ tags }) => rowsOf(tags));
  const hash =
    proof === "deep"
      ? source.query(hashStatement(table, sameMajor)).then(({ rows }) => rows[0]?.[0] ?? undefined)
      : Promise.resolve(undefined);
  // Both are awaited later; until then a connection that is lost must not end the process.
  answer.catch(() => {});
  hash.catch(() => {});
  return { table, relay, rows: answer, hash, ready };
}

export interface LoadOptions {
  /** The target has the table already, empty: it is filled, and keeps its keys and indexes. */
  exists: boolean;
  proof: Proof;
  sameMajor: boolean;
  snapshotAt: string;
  sourceName: string;
  /** What the table is doing now. */
  phase(name: "flowing" | "comparing" | "indexing"): void;
}

/** Statements that record the copy beside the rows, in the same transaction. */
function record(copied: CopiedTable, { snapshotAt, sourceName }: LoadOptions): string {
  const values = [
    quoteLiteral(copied.schema),
    quoteLiteral(copied.name),
    String(copied.rows),
    String(copied.bytes),
    String(copied.checksum),
    copied.contentHash === undefined ? "NULL" : quoteLiteral(copied.contentHash),
    quoteLiteral(snapshotAt),
    quoteLiteral(sourceName),
    `ARRAY[${copied.columns.map(quoteLiteral).join(", ")}]::text[]`,
  ];
  const columns = "schema, name, rows, bytes, checksum, content_hash, snapshot_at, source, columns";
  return `INSERT INTO clone_state.copied (${columns}) VALUES (${values.join(", ")})`;
}

/** Makes the table, or takes the empty one that is there. @throws OccupiedTable where rows stand in it that nobody agreed to replace. */
async function makeRoom(target: Wire, table: CatalogueTable, { exists }: LoadOptions): Promise<void> {
  const place = quoteName(table.schema, table.name);
  const forget = `DELETE FROM clone_state.copied WHERE schema = ${quoteLiteral(table.schema)} AND name = ${quoteLiteral(table.name)}`;
  if (!exists) {
    await target.query(`BEGIN; ${forget}; ${createTable(table)}`);
    return;
  }
  const { rows } = await target.query(
    `BEGIN; LOCK TABLE ${place} IN ACCESS EXCLUSIVE MODE; SELECT EXISTS (SELECT FROM ${place})`,
  );
  if (rows[0]?.[0] === "t") throw new OccupiedTable(table);
  // A table that is emptied in the same transaction is filled from its first page on, and so reads back in the order
  // in which it was sent; filled into gaps it would not, though its rows were the same.
  await target.query(`${forget}; TRUNCATE ${place}`);
}

/** Reads back what was stored. @throws Different */
async function compareStored(target: Wire, { table, relay }: Asked): Promise<void> {
  const back = new Tally();
  const what = `${quoteName(table.schema, table.name)} (${listOf(table.columns)})`;
  await target.query(`COPY ${what} TO STDOUT (FORMAT binary)`, { sink: back });
  if (back.crc === relay.crc && back.bytes === relay.bytes) return;
  const name = fullName(table);
  throw new Different(name, `What is stored of ${name} reads back differently from what was received.`);
}

/**
 * Takes one asked table into the target in one transaction: made or emptied, filled, read back and compared, indexed,
 * its counters set, analysed, recorded. Whole or not at all: until it returns nothing of it is visible to anybody else.
 * @throws Different where the rows that are stored are not those that were sent.
 */
export async function load(target: Wire, asked: Asked, options: LoadOptions): Promise<CopiedTable> {
  const { table, relay } = asked;
  const name = fullName(table);
  const place = quoteName(table.schema, table.name);
  const columns = listOf(table.columns);
  options.phase("flowing");
  await makeRoom(target, table, options);
  // The table is of this transaction, or was emptied in it, so its rows may be born frozen: reading them back and indexing
  // them needs no look at who wrote them, and no vacuum has to write them once more.
  const copying = target.query(`COPY ${place} (${columns}) FROM STDIN (FORMAT binary, FREEZE)`, {
    accepted: () => asked.ready(target),
  });
  const [sent, answer] = await Promise.all([asked.rows, copying]);
  options.phase("comparing");
  const rows = rowsOf(answer.tags);
  if (rows !== sent) throw new Different(name, `The source sent ${sent} rows of ${name}, and ${rows} were stored.`);
  if (options.proof !== "received") await compareStored(target, asked);
  const copied: CopiedTable = {
    schema: table.schema,
    name: table.name,
    rows,
    bytes: relay.bytes,
    checksum: relay.crc,
    columns: table.columns.map((column) => column.name),
  };
  const theirs = await asked.hash;
  if (theirs !== undefined) {
    const ours = (await target.query(hashStatement(table, options.sameMajor))).rows[0]?.[0];
    if (ours !== theirs)
      throw new Different(name, `The contents of ${name} differ from the source's: something changed them on the way.`);
    copied.contentHash = theirs;
  }
  options.phase("indexing");
  const indexes = options.exists ? [] : createIndexes(table);
  await target.query([...indexes, ...settle(table), record(copied, options), "COMMIT"].join("; "));
  return copied;
}
