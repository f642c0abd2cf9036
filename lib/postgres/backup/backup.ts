import { join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { quoteIdentifier, quoteName } from "../identifier.ts";
import type { As, Postgres, Session } from "../postgres.ts";
import { sqlFile } from "../sql-file.ts";

/** One relation as it was written down. */
export interface KeptTable {
  schema: string;
  name: string;
  columns: { name: string; type: string }[];
  rows: number;
  /** Over all values as text, whatever the order of the rows. */
  hash: string;
  /** Files of the backup with its rows, in the text form of COPY. */
  files: string[];
}

export interface Backup {
  folder: string;
  tables: KeptTable[];
}

/** Written last: a backup without it is one that was interrupted. */
export const manifestName = "manifest.json";

/** Rows of one round trip and of one file: small enough for memory, large enough that nobody waits. */
const rowsAtOnce = 5_000;
const rowsInFile = 200_000;

/** A value as COPY writes it: a backslash before what would end it, \N for none. */
function copied(column: string): string {
  const name = quoteIdentifier(column);
  const escapes: [string, string][] = [
    ["\\\\", "\\\\\\\\"],
    ["\\t", "\\\\t"],
    ["\\n", "\\\\n"],
    ["\\r", "\\\\r"],
  ];
  const text = escapes.reduce((inner, [from, to]) => `replace(${inner}, E'${from}', E'${to}')`, `${name}::text`);
  return `coalesce(${text}, E'\\\\N')`;
}

/** Count and hash of a relation's rows, for comparing two places. */
export async function fingerprintOf(session: Session, relation: string, columns: readonly { name: string }[]) {
  const values = columns.map(({ name }) => `${quoteIdentifier(name)}::text`).join(", ");
  const [row] = await session.query<{ rows: number; hash: string }>(
    `SELECT count(*)::int AS rows, coalesce(sum(hashtextextended(ROW(${values})::text, 0)), 0)::text AS hash FROM ${relation}`,
  );
  return row ?? { rows: 0, hash: "0" };
}

/** The statement that makes a table to put the rows back into. */
export function tableSql(table: KeptTable, schema: string): string {
  const columns = table.columns.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  return `CREATE TABLE ${quoteName(schema, table.name)} (${columns.join(", ")})`;
}

/** A script with which psql alone puts everything back, run inside the folder of the backup. */
function restoreScript(tables: readonly KeptTable[]): string {
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  const lines = [
    "-- Puts these rows back into an empty database: psql -d DATABASE -v ON_ERROR_STOP=1 -f restore.sql, in this folder.",
    "BEGIN;",
    ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)};`),
    ...tables.flatMap((table) => [
      `${tableSql(table, table.schema)};`,
      ...table.files.map((file) => `\\copy ${quoteName(table.schema, table.name)} FROM '${file}'`),
    ]),
    "COMMIT;",
  ];
  return `${lines.join("\n")}\n`;
}

/** Writes the rows of one relation, a few thousand at a time. */
async function writeRows(session: Session, machine: Machine, folder: string, table: KeptTable): Promise<void> {
  const relation = quoteName(table.schema, table.name);
  const values = table.columns.map(({ name }) => copied(name)).join(" || E'\\t' || ");
  await session.query(`DECLARE kept NO SCROLL CURSOR FOR SELECT ${values || "''"} AS line FROM ${relation}`);
  let inFile = rowsInFile;
  for (;;) {
    const rows = await session.query<{ line: string }>(`FETCH ${rowsAtOnce} FROM kept`);
    if (rows.length === 0) break;
    if (inFile >= rowsInFile) {
      table.files.push(`${table.files.length + 1}.${table.schema}.${table.name.replace(/[^\w-]/g, "_")}.copy`);
      inFile = 0;
    }
    inFile += rows.length;
    const text = `${rows.map(({ line }) => line).join("\n")}\n`;
    await machine.files.append(join(folder, table.files.at(-1) ?? ""), text, 0o600);
  }
  await session.query("CLOSE kept");
}

/** A backup that was interrupted leaves its folder; what it holds is not added to. */
async function freeFolder(machine: Machine, wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const folder = number === 1 ? wanted : `${wanted}-${number}`;
    if ((await machine.files.facts(folder)) === undefined) return folder;
  }
}

/**
 * Writes the rows of some relations into a folder, as they stand at one moment, with a script that puts them back and a
 * manifest of counts and hashes. Relations without rows are left out.
 * @param folder absolute; made with the mode 0700, each file 0600. Where it is there already, another is made beside it.
 * @returns undefined where there was nothing to keep; then nothing was written.
 */
export async function writeBackup(
  { postgres, machine }: { postgres: Postgres; machine: Machine },
  as: As,
  folder: string,
  relations: readonly string[],
  signal?: AbortSignal,
): Promise<Backup | undefined> {
  return postgres.withTransaction(
    as,
    async (session) => {
      await session.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      const found = await session.query<KeptTable>(sqlFile("probes/relations-to-keep.sql"), [[...relations]]);
      const tables: KeptTable[] = [];
      for (const { schema, name, columns } of found) {
        const print = await fingerprintOf(session, quoteName(schema, name), columns);
        if (print.rows > 0) tables.push({ schema, name, columns, ...print, files: [] });
      }
      if (tables.length === 0) return undefined;
      const own = await freeFolder(machine, folder);
      await machine.files.makeFolder(own, 0o700);
      for (const table of tables) await writeRows(session, machine, own, table);
      await machine.files.write(join(own, "restore.sql"), restoreScript(tables), 0o600);
      await machine.files.write(join(own, manifestName), `${JSON.stringify({ tables }, null, 2)}\n`, 0o600);
      return { folder: own, tables };
    },
    { readOnly: true, statementTimeoutMs: 1_800_000, ...(signal ? { signal } : {}) },
  );
}
