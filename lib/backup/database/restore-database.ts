import { createIndexes, createTable } from "../../clone/definition.ts";
import { type CatalogueTable, catalogueTable, fullName } from "../../clone/table.ts";
import { settle } from "../../clone/target.ts";
import { fingerprintOf, withSameText } from "../../postgres/backup/backup.ts";
import { countersBehind } from "../../postgres/contract/counters.ts";
import { restartCounter } from "../../postgres/contract/rebuild.ts";
import { quoteIdentifier, quoteName } from "../../postgres/identifier.ts";
import type { Postgres, Session } from "../../postgres/postgres.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { Problem, sentence } from "../../problem.ts";
import type { TableKept } from "./kept.ts";

/** What was made and what was filled; names as schema.table. */
export type Restored = { schemas: string[]; made: string[]; filled: string[]; rows: number };

interface RestoreOptions {
  rowsOf(table: TableKept): AsyncIterable<Buffer>;
  signal: AbortSignal;
  progress(done: number, of: number, table: string): void;
}

function problem(code: string, says: string): Problem {
  return new Problem({
    code: `backup.${code}`,
    says,
    remedy: sentence("Nothing was changed in the database. Restore into one that is empty or not there yet."),
  });
}

/** Tables of a list that are there, by their names. */
async function thereAlready(session: Session, tables: readonly TableKept[]): Promise<Map<string, CatalogueTable>> {
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  const rows = await session.query(sqlFile("clone/tables.sql"), [schemas]);
  return new Map(rows.map((row) => catalogueTable.parse(row)).map((table) => [fullName(table), table]));
}

/** The table is there: it has every column of the backup's, and no rows but, perhaps, the very same. */
async function prepareExisting(session: Session, table: TableKept, here: CatalogueTable): Promise<"empty" | "same"> {
  const place = quoteName(table.schema, table.name);
  if (here.kind !== "r" && here.kind !== "p") throw problem("table-in-the-way", `${fullName(table)} is no table here.`);
  const own = new Set(here.columns.map(({ name }) => name));
  for (const { name, type } of table.columns)
    if (!own.has(name)) await session.query(`ALTER TABLE ${place} ADD COLUMN ${quoteIdentifier(name)} ${type}`);
  const [row] = await session.query(`SELECT FROM ${place} LIMIT 1`);
  if (!row) return table.rows === 0 ? "same" : "empty";
  const print = await fingerprintOf(session, place, table.columns);
  if (print.rows === table.rows && print.hash === table.hash) return "same";
  throw problem(
    "table-occupied",
    `${fullName(table)} holds ${print.rows} rows here, and they are not those of the backup.`,
  );
}

async function make(session: Session, table: TableKept, app: string, restored: Restored): Promise<void> {
  const [schema] = await session.query("SELECT WHERE to_regnamespace($1) IS NOT NULL", [quoteIdentifier(table.schema)]);
  if (!schema) {
    await session.query(`CREATE SCHEMA ${quoteIdentifier(table.schema)} AUTHORIZATION ${quoteIdentifier(app)}`);
    restored.schemas.push(table.schema);
  }
  await session.query(`SET LOCAL ROLE ${quoteIdentifier(app)}`);
  await session.query(createTable(table.definition));
  await session.query("RESET ROLE");
  restored.made.push(fullName(table));
}

async function fill(session: Session, table: TableKept, options: RestoreOptions): Promise<void> {
  const place = quoteName(table.schema, table.name);
  const columns = table.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  if (table.rows > 0) await session.copyIn(`COPY ${place} (${columns}) FROM STDIN`, options.rowsOf(table));
  const { rows, hash } = await fingerprintOf(session, place, table.columns);
  if (rows === table.rows && hash === table.hash) return;
  throw problem(
    "rows-differ",
    `${fullName(table)} has ${rows} rows here where ${table.rows} were in the backup, or not the same ones.`,
  );
}

/**
 * Puts every table of a backup back, in one transaction: each row is there afterwards, by count and hash, or nothing has
 * changed. Tables that are there are filled and keep their shape; others are made, and belong to REC.IO's role.
 * @throws Problem where a table holds other rows already, or the rows do not come out as they went in.
 */
export async function restoreDatabase(
  postgres: Postgres,
  tables: readonly TableKept[],
  options: RestoreOptions,
): Promise<Restored> {
  const { appUser } = postgres.target;
  return postgres.withTransaction(
    "installer",
    async (session) => {
      const restored: Restored = { schemas: [], made: [], filled: [], rows: 0 };
      await withSameText(session);
      await session.query("SET LOCAL lock_timeout = '5s'");
      const here = await thereAlready(session, tables);
      for (const [index, table] of tables.entries()) {
        options.progress(index, tables.length, fullName(table));
        const known = here.get(fullName(table));
        restored.rows += table.rows;
        if (known && (await prepareExisting(session, table, known)) === "same") continue;
        if (!known) await make(session, table, appUser, restored);
        else restored.filled.push(fullName(table));
        await fill(session, table, options);
        if (!known) for (const text of createIndexes(table.definition)) await session.query(text);
      }
      const made = tables.filter((table) => restored.made.includes(fullName(table)));
      for (const { definition } of made) for (const text of settle(definition)) await session.query(text);
      for (const { table, column } of await countersBehind(session)) await restartCounter(session, table, column);
      options.progress(tables.length, tables.length, "");
      return restored;
    },
    { signal: options.signal, statementTimeoutMs: 1_800_000 },
  );
}
