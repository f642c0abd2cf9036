import { quoteIdentifier, quoteLiteral, quoteName } from "../identifier.ts";
import type { PostgresTarget, Session } from "../postgres.ts";
import { sqlFile } from "../sql-file.ts";
import { compare, type Difference, schemaOwner } from "./compare.ts";
import { type ContractColumn, type ContractTable, contract } from "./contract.ts";
import { countersBehind } from "./counters.ts";
import { introspectIn } from "./introspect.ts";
import { carryRows, rebuildings, restartCounter, setAside } from "./rebuild.ts";
import { grantRights } from "./rights.ts";

/** What was changed, so that it can be taken back: only what these lists name was made by us. */
export type MendReceipt = {
  schemas: string[];
  tables: string[];
  /** `schema.table` and the column. */
  columns: [string, string][];
  defaults: [string, string][];
  /** `schema.table` and the name of the constraint. */
  constraints: [string, string][];
  /** What kind of object, its name, and who owned it. */
  owners: ["schema" | "table", string, string][];
  /** `schema.table`, column and the default that it had. */
  defaultsWere: [string, string, string][];
  /** `schema.table` and a column that demanded a value and does so no more. */
  loosened: [string, string][];
  /** `schema.table`, the name that the old table has now, and how many of its rows are in the new one. */
  replaced: [string, string, number][];
  /** The folder with the rows as they were before. It stays when everything else is taken back. */
  backup?: string;
};

export function emptyReceipt(): MendReceipt {
  return {
    schemas: [],
    tables: [],
    columns: [],
    defaults: [],
    constraints: [],
    owners: [],
    defaultsWere: [],
    loosened: [],
    replaced: [],
  };
}

/** Which file makes the tables of a schema. Its statements leave alone what is there. */
const schemaFiles: Readonly<Record<string, string>> = {
  users: "schema/users.sql",
  live_data: "schema/live-data.sql",
  analytics: "schema/analytics.sql",
  system: "schema/system.sql",
  historical_data: "schema/historical-data.sql",
};

const dotted = (title: string) => quoteName(...title.split("."));

function tableOf({ table, object }: Difference): ContractTable {
  if (!table) throw new Error(`${object} is a difference without a table`);
  return table;
}

function columnOf(difference: Difference) {
  const column = tableOf(difference).columns.find(({ name }) => name === difference.column);
  if (!column) throw new Error(`${difference.object} is no column of the contract`);
  return column;
}

/** Counts up from the largest value that is there. */
async function addCounter(session: Session, table: ContractTable, column: string, app: string): Promise<void> {
  const sequence = quoteName(table.schema, `${table.name}_${column}_counter`.slice(0, 63));
  const name = quoteIdentifier(column);
  await session.query(`CREATE SEQUENCE ${sequence}`);
  await session.query(
    `SELECT setval(${quoteLiteral(sequence)}, coalesce(max(${name}), 1), max(${name}) IS NOT NULL) FROM ${dotted(table.title)}`,
  );
  await session.query(
    `ALTER TABLE ${dotted(table.title)} ALTER COLUMN ${name} SET DEFAULT nextval(${quoteLiteral(sequence)})`,
  );
  await session.query(`ALTER SEQUENCE ${sequence} OWNER TO ${app}`);
  await session.query(`ALTER SEQUENCE ${sequence} OWNED BY ${dotted(table.title)}.${name}`);
}

async function mendColumn(session: Session, difference: Difference, receipt: MendReceipt, app: string): Promise<void> {
  const table = tableOf(difference);
  const column = columnOf(difference);
  const [title, name] = [dotted(table.title), quoteIdentifier(column.name)];
  switch (difference.kind) {
    case "column-missing":
      await addColumn(session, table, column);
      receipt.columns.push([table.title, column.name]);
      break;
    case "column-narrow":
      await session.query(`ALTER TABLE ${title} ALTER COLUMN ${name} TYPE ${column.type}`);
      break;
    case "default-missing":
      if (column.default === "serial") await addCounter(session, table, column.name, app);
      else await session.query(`ALTER TABLE ${title} ALTER COLUMN ${name} SET DEFAULT ${column.default}`);
      receipt.defaults.push([table.title, column.name]);
      break;
    case "default-differs":
      await session.query(`ALTER TABLE ${title} ALTER COLUMN ${name} SET DEFAULT ${column.default}`);
      receipt.defaultsWere.push([table.title, column.name, difference.found ?? ""]);
      break;
    case "value-demanded":
      await session.query(`ALTER TABLE ${title} ALTER COLUMN ${name} DROP NOT NULL`);
      receipt.loosened.push([table.title, column.name]);
      break;
    default:
  }
}

/** What programs act upon: a row that has lost it must not begin a life of its own with a default. */
const neverFilled = new Set(["users.trades_0001.status", "users.active_trades_0001.status"]);

/** Adds a column as the contract has it. Rows that are there may have no value for it, and then need none. */
async function addColumn(session: Session, table: ContractTable, column: ContractColumn): Promise<void> {
  const [title, name] = [dotted(table.title), quoteIdentifier(column.name)];
  if (column.default === "serial") {
    await session.query(`ALTER TABLE ${title} ADD COLUMN ${name} serial`);
    return;
  }
  const object = `${table.title}.${column.name}`;
  const [rows] = await session.query(`SELECT FROM ${title} LIMIT 1`);
  const filled = column.default !== undefined && !neverFilled.has(object);
  const demand = column.notNull && (!rows || filled) ? " NOT NULL" : "";
  const begins = filled ? ` DEFAULT ${column.default}` : "";
  await session.query(`ALTER TABLE ${title} ADD COLUMN ${name} ${column.type}${demand}${begins}`);
  if (column.default !== undefined && !filled)
    await session.query(`ALTER TABLE ${title} ALTER COLUMN ${name} SET DEFAULT ${column.default}`);
}

async function addKey(session: Session, difference: Difference, receipt: MendReceipt): Promise<void> {
  const table = tableOf(difference);
  const columns = difference.columns ?? [];
  const primary = difference.kind === "primary-key-missing";
  // Where something else is the primary key already, a unique key answers the same ON CONFLICT.
  const [other] = primary
    ? await session.query("SELECT FROM pg_index WHERE indrelid = $1::regclass AND indisprimary", [dotted(table.title)])
    : [];
  const name = `${table.name}_${columns.join("_")}_key`.slice(0, 63);
  const kind = primary && !other ? "PRIMARY KEY" : "UNIQUE";
  await session.query(
    `ALTER TABLE ${dotted(table.title)} ADD CONSTRAINT ${quoteIdentifier(name)} ${kind} (${columns.map(quoteIdentifier).join(", ")})`,
  );
  receipt.constraints.push([table.title, name]);
}

/** Who must own what, for the objects that are there already. Run first, and as somebody who may give them away. */
export async function mendOwners(
  session: Session,
  differences: readonly Difference[],
  receipt: MendReceipt,
): Promise<void> {
  for (const { kind, object, owner, found } of differences) {
    if ((kind !== "schema-owner" && kind !== "table-owner") || !owner || !found) continue;
    const what = kind === "schema-owner" ? "schema" : "table";
    await session.query(`ALTER ${what.toUpperCase()} ${dotted(object)} OWNER TO ${quoteIdentifier(owner)}`);
    receipt.owners.push([what, object, found]);
  }
}

/** "2026_11_20": what a table that is put aside has in its name. */
export function dateForNames(now: Date): string {
  return now.toISOString().slice(0, 10).replaceAll("-", "_");
}

/** What is missing and where others do not stand in the way: schemas, then tables, each as its owner. */
async function makeMissing(session: Session, target: PostgresTarget, receipt: MendReceipt): Promise<void> {
  const found = await introspectIn(session);
  const missing = contract.filter(
    (table) => !found.tables.some(({ schema, name }) => schema === table.schema && name === table.name),
  );
  await session.query(`SET LOCAL ROLE ${quoteIdentifier(target.appUser)}`);
  for (const schema of new Set(missing.filter(({ ownedByInstaller }) => !ownedByInstaller).map(({ schema }) => schema)))
    await session.query(sqlFile(schemaFiles[schema] ?? ""));
  await session.query("RESET ROLE");
  if (missing.some(({ ownedByInstaller }) => ownedByInstaller))
    await session.query(sqlFile("schema/users-auto-trade-settings.sql"));
  receipt.tables.push(...missing.map(({ title }) => title));
}

/**
 * Makes the database what the contract says, in the caller's transaction as the installer: missing schemas and tables,
 * columns, defaults and keys, rights. Nothing is dropped. A table of the wrong shape is kept under a dated name, and its
 * rows are carried into one of the right shape.
 * @throws Problem `schema.rows-do-not-fit` where a value has no place in the type that REC.IO needs.
 */
export async function mend(session: Session, target: PostgresTarget, receipt: MendReceipt): Promise<void> {
  await session.query("SET LOCAL lock_timeout = '5s'");
  const found = await introspectIn(session);
  const app = quoteIdentifier(target.appUser);

  for (const { kind, object } of compare(found, target)) {
    if (kind !== "schema-missing") continue;
    await session.query(
      `CREATE SCHEMA ${quoteIdentifier(object)} AUTHORIZATION ${quoteIdentifier(schemaOwner(object, target))}`,
    );
    receipt.schemas.push(object);
  }
  await mendOwners(session, compare(found, target), receipt);
  // Not before: with a schema its rights go over to the new owner, and REC.IO's role had owned it.
  await session.query(`GRANT USAGE, CREATE ON SCHEMA users TO ${app}`);
  const rebuilt = rebuildings(compare(found, target), found, dateForNames(new Date()));
  for (const rebuilding of rebuilt) await setAside(session, rebuilding);
  await makeMissing(session, target, receipt);
  for (const rebuilding of rebuilt)
    receipt.replaced.push([rebuilding.table.title, rebuilding.aside, await carryRows(session, rebuilding)]);
  // The lock sat on the old settings; new ones without it would be a way around it.
  if (rebuilt.some(({ table }) => table.ownedByInstaller)) {
    const [lock] = await session.query("SELECT WHERE to_regprocedure('order_lock.enforce()') IS NOT NULL");
    if (lock) await session.query(sqlFile("lock/attach.sql"));
  }

  const left = compare(await introspectIn(session), target);
  for (const difference of left) if (difference.column) await mendColumn(session, difference, receipt, app);
  for (const difference of left)
    if (difference.kind === "primary-key-missing" || difference.kind === "unique-missing")
      await addKey(session, difference, receipt);
  for (const { table, column } of await countersBehind(session)) await restartCounter(session, table, column);
  await grantRights(session, target);
}
