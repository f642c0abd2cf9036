import { Problem, sentence } from "../../problem.ts";
import { quoteIdentifier, quoteLiteral, quoteName } from "../identifier.ts";
import type { Session } from "../postgres.ts";
import { sqlFile } from "../sql-file.ts";
import type { Difference } from "./compare.ts";
import type { ContractColumn, ContractTable } from "./contract.ts";
import type { FoundObjects, FoundTable } from "./introspect.ts";
import { accepts } from "./types.ts";

/** A table of the wrong shape: it is kept under another name, and its rows are carried into one of the right shape. */
export interface Rebuilding {
  table: ContractTable;
  old: FoundTable;
  /** What the old one is called afterwards. */
  aside: string;
  /** What is wrong with the old one. */
  because: readonly Difference[];
  /** Column → the expression over the old table that fills it. Empty where the rows cannot be carried over. */
  carried: readonly { name: string; expression: string; type: string }[];
  /** Columns of the old table that the contract does not know: they go along, and demand nothing. */
  extras: readonly { name: string; type: string }[];
}

const quoted = (title: string) => quoteName(...title.split("."));

/** True where adding to a table does not help. */
function isWrongShape({ kind, table, column }: Difference): boolean {
  if (kind === "not-a-table" || kind === "column-type" || kind === "column-generated" || kind === "column-order")
    return true;
  const wanted = table?.columns.find(({ name }) => name === column);
  // A column of others that demands a value stays, and demands nothing in the new table. One of ours is only loosened.
  if (kind === "value-demanded") return wanted === undefined;
  // Nobody can tell the keys of rows that have lost them.
  if (kind === "column-missing")
    return wanted?.default !== "serial" && (table?.primaryKey.includes(column ?? "") ?? false);
  return false;
}

/** "numeric(10,2)" → "numeric". */
const family = (type: string) => type.replace(/\(.*\)/, "");
const numbers = new Set(["smallint", "integer", "bigint", "real", "double precision", "numeric"]);

/** The type of a column in the new table: what loses nothing of the old one's values, as far as REC.IO's code allows. */
function typeFor(wanted: string, old: string): string {
  if (accepts(wanted, old)) return old;
  if (family(wanted) === "numeric" && numbers.has(family(old))) return "numeric";
  if (wanted === "real" && numbers.has(family(old))) return "double precision";
  return wanted;
}

/** An old column's value as the new type. What has no time zone is taken as UTC, as PostgreSQL here writes it. */
function cast(column: string, old: string, type: string): string {
  if (old === type) return column;
  const zones = [old, type].map((one) => /^timestamp with(out)? time zone$/.exec(one));
  if (zones[0] && zones[1]) return `${column} AT TIME ZONE 'UTC'`;
  if (numbers.has(family(old)) && numbers.has(family(type))) return `${column}::${type}`;
  // A cast to a type with a limit would cut without a word; what is too long is refused when it is stored.
  if (family(type) === "character varying") return `${column}::text`;
  if (old === "boolean" && numbers.has(family(type))) return `${column}::integer::${type}`;
  return `${column}::text::${type}`;
}

function carriedFrom(table: ContractTable, old: FoundTable): Rebuilding["carried"] {
  const there = table.columns.flatMap((wanted) => {
    const column = old.columns.find(({ name }) => name === wanted.name);
    if (!column) return [];
    const type = typeFor(wanted.type, column.type);
    return [{ name: wanted.name, expression: cast(quoteIdentifier(wanted.name), column.type, type), type }];
  });
  const keyed = table.primaryKey.every(
    (key) =>
      there.some(({ name }) => name === key) ||
      table.columns.find(({ name }) => name === key)?.default === "serial" ||
      key === "id",
  );
  // Where rows are read by position, one with gaps would be read as something that it does not say.
  const whole = !table.readByPosition || there.length === table.columns.length;
  if (!keyed || !whole) return [];
  const single = table.primaryKey.includes("id") && !there.some(({ name }) => name === "id");
  const counted = table.columns.find(({ name }) => name === "id")?.default === "serial";
  // Settings and preferences are one row with the id 1.
  return single && !counted ? [{ name: "id", expression: "1", type: "integer" }, ...there] : there;
}

/** Which tables must be made anew, and how each one's rows come along. Pure. @param today "2026_11_20" */
export function rebuildings(differences: readonly Difference[], found: FoundObjects, today: string): Rebuilding[] {
  const wrong = differences.filter(isWrongShape);
  const tables = new Map(wrong.flatMap(({ table }) => (table ? [[table.title, table] as const] : [])));
  return [...tables.values()].flatMap((table): Rebuilding[] => {
    const old = found.tables.find(({ schema, name }) => schema === table.schema && name === table.name);
    if (!old) return [];
    const named = `${table.name.slice(0, 40)}_before_${today}`;
    let aside = named;
    for (let number = 2; found.asides.includes(`${table.schema}.${aside}`); number += 1) aside = `${named}_${number}`;
    const known = new Set(table.columns.map(({ name }) => name));
    const carried = carriedFrom(table, old);
    const extras =
      table.readByPosition || carried.length === 0 ? [] : old.columns.filter(({ name }) => !known.has(name));
    return [
      {
        table,
        old,
        aside,
        because: differences.filter((one) => one.table === table && one.kind !== "table-owner"),
        carried,
        extras: extras.map(({ name, type }) => ({ name, type })),
      },
    ];
  });
}

/** Gives a table its other name, and its indexes and counters with it, so that new ones can have theirs. */
export async function setAside(session: Session, { table, aside }: Rebuilding): Promise<void> {
  const parts = await session.query<{ name: string; kind: string }>(sqlFile("probes/table-parts.sql"), [
    quoted(table.title),
  ]);
  await session.query(`ALTER TABLE ${quoted(table.title)} RENAME TO ${quoteIdentifier(aside)}`);
  const suffix = aside.slice(aside.lastIndexOf("_before_"));
  for (const { name, kind } of parts) {
    const other = `${name.slice(0, 62 - suffix.length)}${suffix}`;
    const [taken] = await session.query("SELECT WHERE to_regclass($1) IS NOT NULL", [quoteName(table.schema, other)]);
    if (!taken)
      await session.query(`ALTER ${kind} ${quoteName(table.schema, name)} RENAME TO ${quoteIdentifier(other)}`);
  }
}

/** Which column's values have no place in its new type, found by trying each alone. */
async function misfit(session: Session, { table, aside, carried }: Rebuilding): Promise<string> {
  for (const { name, expression } of carried) {
    await session.query("SAVEPOINT one_column");
    try {
      await session.query(`SELECT count(${expression}) FROM ${quoteName(table.schema, aside)}`);
      await session.query("RELEASE SAVEPOINT one_column");
    } catch {
      await session.query("ROLLBACK TO SAVEPOINT one_column");
      return `${table.title}.${name}`;
    }
  }
  return table.title;
}

/** @throws Problem `schema.rows-do-not-fit` where a whole number would be made of one with a fraction. */
async function refuseRounding(session: Session, { table, old, aside, carried }: Rebuilding): Promise<void> {
  for (const { name, type } of carried) {
    const was = old.columns.find((column) => column.name === name)?.type ?? type;
    if (!/^(smallint|integer|bigint)$/.test(type) || !/^(real|double precision|numeric)/.test(was)) continue;
    const column = quoteIdentifier(name);
    const [lossy] = await session.query(
      `SELECT FROM ${quoteName(table.schema, aside)} WHERE ${column} <> trunc(${column}::numeric) LIMIT 1`,
    );
    if (lossy) throw misfitting(`${table.title}.${name}`, table);
  }
}

function misfitting(object: string, table: ContractTable): Problem {
  return new Problem({
    code: "schema.rows-do-not-fit",
    says: `${object} holds values that have no place in the type that REC.IO needs, so the rows of ${table.title} cannot be carried over. Nothing was changed.`,
    remedy: sentence(`Correct the values of ${object}, or name another database.`),
  });
}

/** Rows and a hash over them that does not depend on their order. */
async function fingerprint(session: Session, relation: string, values: readonly string[]): Promise<string> {
  const [row] = await session.query<{ rows: string; hash: string }>(
    `SELECT count(*)::text AS rows, coalesce(sum(hashtextextended(ROW(${values.join(", ")})::text, 0)), 0)::text AS hash FROM ${relation}`,
  );
  return `${row?.rows} rows with the hash ${row?.hash}`;
}

/** Counts up from the largest value that is there. */
export async function restartCounter(session: Session, table: ContractTable, { name }: ContractColumn): Promise<void> {
  const column = quoteIdentifier(name);
  await session.query(
    `SELECT setval(pg_get_serial_sequence(${quoteLiteral(quoted(table.title))}, ${quoteLiteral(name)}), coalesce(max(${column}), 1), max(${column}) IS NOT NULL) FROM ${quoted(table.title)}`,
  );
}

/**
 * Carries the rows of the old table into the new one, which is there and empty, and proves that they arrived: as many,
 * with the same hash, before the transaction may commit.
 * @returns how many rows there are now.
 * @throws Problem `schema.rows-do-not-fit`
 */
export async function carryRows(session: Session, rebuilding: Rebuilding): Promise<number> {
  const { table, old, aside, carried, extras } = rebuilding;
  const [from, into] = [quoteName(table.schema, aside), quoted(table.title)];
  const [first] = await session.query<{ rows: number }>(
    `SELECT count(*)::int AS rows FROM (SELECT FROM ${from} LIMIT 2) AS first_two`,
  );
  const some = first?.rows ?? 0;
  const oneTooMany = some > 1 && carried.some(({ name, expression }) => name === "id" && expression === "1");
  if (some === 0 || carried.length === 0 || oneTooMany) return 0;
  for (const { name, type } of extras)
    await session.query(`ALTER TABLE ${into} ADD COLUMN ${quoteIdentifier(name)} ${type}`);
  for (const wanted of table.columns) {
    const [is, was] = [
      carried.find(({ name }) => name === wanted.name),
      old.columns.find(({ name }) => name === wanted.name),
    ];
    const name = quoteIdentifier(wanted.name);
    if (is && is.type !== wanted.type) await session.query(`ALTER TABLE ${into} ALTER COLUMN ${name} TYPE ${is.type}`);
    // Nothing is made up for rows that have no value: they keep none.
    const empty = was ? !was.notNull : wanted.default === undefined;
    if (wanted.notNull && empty && !table.primaryKey.includes(wanted.name))
      await session.query(`ALTER TABLE ${into} ALTER COLUMN ${name} DROP NOT NULL`);
  }
  const all = [...carried, ...extras.map(({ name }) => ({ name, expression: quoteIdentifier(name) }))];
  const names = all.map(({ name }) => quoteIdentifier(name));
  const expressions = all.map(({ expression }) => expression);
  await session.query("SAVEPOINT carrying");
  try {
    await session.query(`INSERT INTO ${into} (${names.join(", ")}) SELECT ${expressions.join(", ")} FROM ${from}`);
  } catch (error) {
    if (!/^(22|42846)/.test((error as { code?: string }).code ?? "")) throw error;
    await session.query("ROLLBACK TO SAVEPOINT carrying");
    throw misfitting(await misfit(session, rebuilding), table);
  }
  await refuseRounding(session, rebuilding);
  const [before, after] = [await fingerprint(session, from, expressions), await fingerprint(session, into, names)];
  if (before !== after) throw new Error(`${table.title} had ${before} and has ${after}`);
  for (const column of table.columns) if (column.default === "serial") await restartCounter(session, table, column);
  const [row] = await session.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${into}`);
  return row?.rows ?? 0;
}
