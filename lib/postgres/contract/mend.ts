import { Problem, sentence } from "../../problem.ts";
import { quoteIdentifier, quoteLiteral, quoteName } from "../identifier.ts";
import type { PostgresTarget, Session } from "../postgres.ts";
import { sqlFile } from "../sql-file.ts";
import { compare, type Difference, notMendable, schemaOwner } from "./compare.ts";
import { type ContractTable, contract, contractSchemas } from "./contract.ts";
import { type FoundObjects, introspectIn } from "./introspect.ts";

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
  /** `schema.table` and the name that the old table has now. */
  replaced: [string, string][];
};

export function emptyReceipt(): MendReceipt {
  return { schemas: [], tables: [], columns: [], defaults: [], constraints: [], owners: [], replaced: [] };
}

/** @throws Problem `schema.not-mendable`, which names every object that stands in the way. */
export function refuseNotMendable(differences: readonly Difference[]): void {
  const stubborn = differences.filter(({ kind }) => notMendable.has(kind));
  if (stubborn.length === 0) return;
  throw new Problem({
    code: "schema.not-mendable",
    says: `${stubborn.map(({ says }) => says).join("; ")}.`,
    remedy: sentence("Change this by hand, or name another database: the setup does not change what others made."),
  });
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
    `SELECT setval(${quoteLiteral(sequence)}, coalesce((SELECT max(${name}) FROM ${dotted(table.title)}), 0) + 1, false)`,
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
  if (difference.kind === "column-missing") {
    const type = column.default === "serial" ? "serial" : column.type;
    const rest = `${column.notNull ? " NOT NULL" : ""}${column.default && column.default !== "serial" ? ` DEFAULT ${column.default}` : ""}`;
    await session.query(`ALTER TABLE ${title} ADD COLUMN ${name} ${type}${rest}`);
    receipt.columns.push([table.title, column.name]);
  } else if (difference.kind === "column-narrow") {
    await session.query(`ALTER TABLE ${title} ALTER COLUMN ${name} TYPE ${column.type}`);
  } else if (difference.kind === "default-missing") {
    if (column.default === "serial") await addCounter(session, table, column.name, app);
    else await session.query(`ALTER TABLE ${title} ALTER COLUMN ${name} SET DEFAULT ${column.default}`);
    receipt.defaults.push([table.title, column.name]);
  }
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

/** Moves a table whose columns stand in the wrong order aside; the right one is made in its place. */
async function setAside(
  session: Session,
  table: ContractTable,
  found: FoundObjects,
  receipt: MendReceipt,
): Promise<void> {
  const taken = await session.query<{ relname: string }>(
    "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace",
    [quoteIdentifier(table.schema)],
  );
  let number = 1;
  while (taken.some(({ relname }) => relname === `${table.name}_replaced_${number}`)) number += 1;
  const aside = `${table.name}_replaced_${number}`;
  await session.query(`ALTER TABLE ${dotted(table.title)} RENAME TO ${quoteIdentifier(aside)}`);
  receipt.replaced.push([table.title, aside]);
  found.tables = found.tables.filter((known) => known.schema !== table.schema || known.name !== table.name);
}

/**
 * REC.IO's rights on what the installer owns, also on what it will make later. What REC.IO owns needs no grant, and
 * what belongs to others is left to them. Granting what is granted already changes nothing.
 */
async function grantRights(session: Session, target: PostgresTarget): Promise<void> {
  const [app, installer] = [quoteIdentifier(target.appUser), quoteIdentifier(target.installerUser)];
  const tables = "SELECT, INSERT, UPDATE, DELETE";
  for (const schema of contractSchemas) {
    const name = quoteIdentifier(schema);
    await session.query(`GRANT USAGE, CREATE ON SCHEMA ${name} TO ${app}`);
    await session.query(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${installer} IN SCHEMA ${name} GRANT ${tables} ON TABLES TO ${app}`,
    );
    await session.query(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${installer} IN SCHEMA ${name} GRANT USAGE ON SEQUENCES TO ${app}`,
    );
  }
  const own = await session.query<{ schema: string; name: string; kind: string }>(
    sqlFile("probes/owned-relations.sql"),
    [[...contractSchemas], target.installerUser],
  );
  for (const { schema, name, kind } of own)
    await session.query(
      `GRANT ${kind === "S" ? "USAGE" : tables} ON ${kind === "S" ? "SEQUENCE" : "TABLE"} ${quoteName(schema, name)} TO ${app}`,
    );
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

/**
 * Makes the database what the contract says, in the caller's transaction as the installer: missing schemas and tables,
 * columns, defaults and keys, rights. Nothing is dropped; what has the wrong shape and cannot be added to is refused.
 * @throws Problem `schema.not-mendable`
 */
export async function mend(session: Session, target: PostgresTarget, receipt: MendReceipt): Promise<void> {
  await session.query("SET LOCAL lock_timeout = '5s'");
  const found = await introspectIn(session);
  refuseNotMendable(compare(found, target));
  const app = quoteIdentifier(target.appUser);

  for (const { kind, object } of compare(found, target)) {
    if (kind !== "schema-missing") continue;
    await session.query(
      `CREATE SCHEMA ${quoteIdentifier(object)} AUTHORIZATION ${quoteIdentifier(schemaOwner(object, target))}`,
    );
    receipt.schemas.push(object);
  }
  await session.query(`GRANT USAGE, CREATE ON SCHEMA users TO ${app}`);
  await mendOwners(session, compare(found, target), receipt);
  for (const { kind, table } of compare(found, target))
    if (kind === "column-order" && table) await setAside(session, table, found, receipt);

  const missing = contract.filter(
    (table) => !found.tables.some(({ schema, name }) => schema === table.schema && name === table.name),
  );
  await session.query(`SET LOCAL ROLE ${app}`);
  for (const schema of new Set(missing.filter(({ ownedByInstaller }) => !ownedByInstaller).map(({ schema }) => schema)))
    await session.query(sqlFile(schemaFiles[schema] ?? ""));
  await session.query("RESET ROLE");
  if (missing.some(({ ownedByInstaller }) => ownedByInstaller))
    await session.query(sqlFile("schema/users-auto-trade-settings.sql"));
  receipt.tables.push(...missing.map(({ title }) => title));

  const left = compare(await introspectIn(session), target);
  for (const difference of left) if (difference.column) await mendColumn(session, difference, receipt, app);
  for (const difference of left)
    if (difference.kind === "primary-key-missing" || difference.kind === "unique-missing")
      await addKey(session, difference, receipt);
  await grantRights(session, target);
}

/** Takes back what the receipt names and nothing else; what is gone already is no hindrance. Run as the installer. */
export async function unmend(session: Session, receipt: MendReceipt): Promise<void> {
  await session.query("SET LOCAL lock_timeout = '5s'");
  const there = async (title: string) =>
    (await session.query<{ is: boolean }>("SELECT to_regclass($1) IS NOT NULL AS is", [dotted(title)]))[0]?.is === true;
  const replaced = new Map(receipt.replaced);
  for (const title of receipt.tables)
    if (!replaced.has(title)) await session.query(`DROP TABLE IF EXISTS ${dotted(title)}`);
  for (const [title, aside] of replaced) {
    const [schema = "", name = ""] = title.split(".");
    // Only while the old one is still aside: a second time this would drop what was put back.
    if (!(await there(`${schema}.${aside}`))) continue;
    await session.query(`DROP TABLE IF EXISTS ${dotted(title)}`);
    await session.query(`ALTER TABLE ${quoteName(schema, aside)} RENAME TO ${quoteIdentifier(name)}`);
  }
  for (const [title, name] of receipt.constraints)
    await session.query(`ALTER TABLE IF EXISTS ${dotted(title)} DROP CONSTRAINT IF EXISTS ${quoteIdentifier(name)}`);
  for (const [title, column] of receipt.defaults)
    if (await there(title))
      await session.query(`ALTER TABLE ${dotted(title)} ALTER COLUMN ${quoteIdentifier(column)} DROP DEFAULT`);
  for (const [title, column] of receipt.columns)
    await session.query(`ALTER TABLE IF EXISTS ${dotted(title)} DROP COLUMN IF EXISTS ${quoteIdentifier(column)}`);
}

/** Gives objects back to who owned them. Run as somebody who may. */
export async function giveBack(session: Session, owners: MendReceipt["owners"]): Promise<void> {
  for (const [what, object, owner] of owners) {
    const [is] = await session.query(
      what === "schema" ? "SELECT WHERE to_regnamespace($1) IS NOT NULL" : "SELECT WHERE to_regclass($1) IS NOT NULL",
      [dotted(object)],
    );
    if (is) await session.query(`ALTER ${what.toUpperCase()} ${dotted(object)} OWNER TO ${quoteIdentifier(owner)}`);
  }
}

/** Removes the schemas that we made, as far as nobody has put anything else into them. Returns those that stay. */
export async function dropEmptySchemas(session: Session, schemas: readonly string[]): Promise<string[]> {
  const stay: string[] = [];
  for (const schema of schemas) {
    const [used] = await session.query(
      "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 LIMIT 1",
      [schema],
    );
    if (used) stay.push(schema);
    else await session.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)}`);
  }
  return stay;
}
