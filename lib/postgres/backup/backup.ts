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
  /** The file of the backup with its rows, in the text form of COPY; compressed by gzip where it ends in .gz. */
  file: string;
}

export interface Backup {
  folder: string;
  tables: KeptTable[];
}

/** Written last: a backup without it is one that was interrupted. */
const manifestName = "manifest.json";

/**
 * Values are compared as text, so the text must not depend on the session: the same row gives the same hash on another
 * server. Inside a transaction only.
 */
const sameText =
  "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'";

/** A session in which the same value always has the same text. */
export async function withSameText(session: Session): Promise<Session> {
  await session.query(sameText);
  return session;
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
      `\\copy ${quoteName(table.schema, table.name)} FROM '${table.file}'`,
    ]),
    "COMMIT;",
  ];
  return `${lines.join("\n")}\n`;
}

/** The name of the file of a table's rows, told apart by a number where two names would look alike. */
export function fileOfRows({ schema, name }: Pick<KeptTable, "schema" | "name">, number: number): string {
  const plain = `${schema}.${name}`.replace(/[^\w.-]/g, "_").slice(0, 70);
  return `${number}.${plain}.copy`;
}

/** The rows of a relation in the text form of COPY. */
export function rowsOut(session: Session, { schema, name, columns }: Pick<KeptTable, "schema" | "name" | "columns">) {
  const list = columns.map((column) => quoteIdentifier(column.name)).join(", ");
  return session.copyOut(`COPY (SELECT ${list} FROM ${quoteName(schema, name)}) TO STDOUT`);
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
      await withSameText(session);
      const found = await session.query<KeptTable>(sqlFile("probes/relations-to-keep.sql"), [[...relations]]);
      const tables: KeptTable[] = [];
      for (const { schema, name, columns } of found) {
        const print = await fingerprintOf(session, quoteName(schema, name), columns);
        if (print.rows > 0)
          tables.push({ schema, name, columns, ...print, file: fileOfRows({ schema, name }, tables.length + 1) });
      }
      if (tables.length === 0) return undefined;
      const own = await freeFolder(machine, folder);
      await machine.files.makeFolder(own, 0o700);
      for (const table of tables) await machine.files.writeNew(join(own, table.file), rowsOut(session, table), 0o600);
      await machine.files.write(join(own, "restore.sql"), restoreScript(tables), 0o600);
      await machine.files.write(join(own, manifestName), `${JSON.stringify({ tables }, null, 2)}\n`, 0o600);
      return { folder: own, tables };
    },
    { readOnly: true, statementTimeoutMs: 1_800_000, ...(signal ? { signal } : {}) },
  );
}
