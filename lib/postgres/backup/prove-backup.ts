import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { isProblem, Problem, sentence } from "../../problem.ts";
import { quoteIdentifier, quoteName } from "../identifier.ts";
import type { Postgres, Session } from "../postgres.ts";
import { type Backup, fingerprintOf, type KeptTable, tableSql, withSameText } from "./backup.ts";

/** Refusals of making a database that leave the other way: a schema of our own that is rolled back. */
const noScratchDatabase = new Set([
  "database.right-missing",
  "database.password-missing",
  "database.password-wrong",
  "database.login-refused",
  "database.host-not-admitted",
  "database.role-missing",
]);

/** A backup whose rows come from wherever they were put; asked for once each, in the order of the tables. */
export interface RowsKept {
  tables: readonly KeptTable[];
  rowsOf(table: KeptTable): AsyncIterable<Buffer>;
}

/** The rows of a backup in a folder. */
export function keptIn(machine: Machine, { folder, tables }: Backup): RowsKept {
  return { tables, rowsOf: ({ file }) => machine.files.chunks(join(folder, file)) };
}

/** Puts every table back and compares it with what was written down. @throws Problem `backup.not-restorable` */
async function restoreAndCompare(
  session: Session,
  backup: RowsKept,
  schemaFor: (schema: string) => string,
): Promise<void> {
  await withSameText(session);
  for (const schema of new Set(backup.tables.map((table) => table.schema)))
    await session.query(`CREATE SCHEMA ${quoteIdentifier(schemaFor(schema))}`);
  for (const table of backup.tables) {
    const relation = quoteName(schemaFor(table.schema), table.name);
    await session.query(tableSql(table, schemaFor(table.schema)));
    await session.copyIn(`COPY ${relation} FROM STDIN`, backup.rowsOf(table));
    const { rows, hash } = await fingerprintOf(session, relation, table.columns);
    if (rows === table.rows && hash === table.hash) continue;
    throw new Problem({
      code: "backup.not-restorable",
      says: `The backup of ${table.schema}.${table.name} gave ${rows} rows back where ${table.rows} were written, or not the same ones.`,
      remedy: sentence("Nothing was changed. Look at the disk of this machine, and try again."),
    });
  }
}

/** Scratch databases of a proof that was killed in its middle. One that somebody is in is a proof that still runs. */
async function removeLeftOver(asAdmin: (text: string) => Promise<object[]>): Promise<void> {
  const left = (await asAdmin(
    "SELECT datname AS name FROM pg_database d WHERE datname ~ '^rec_io_setup_proof_[0-9a-f]{12}$' AND pg_has_role(datdba, 'USAGE') AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)",
  )) as { name: string }[];
  for (const { name } of left) await asAdmin(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`).catch(() => {});
}

const abandoned = Symbol("rolled back on purpose");

/**
 * Restores a backup where it can do no harm and compares counts and hashes: in a database made for it and removed again,
 * or, where nobody may make one, in schemas of a transaction that is rolled back.
 * @returns where it was proven, for the log.
 * @throws Problem `backup.not-restorable`
 */
export async function proveBackup(
  postgres: Postgres,
  backup: RowsKept,
  signal?: AbortSignal,
): Promise<"a scratch database" | "a transaction that was rolled back"> {
  const { adminDatabase } = postgres.target;
  const options = { statementTimeoutMs: 1_800_000, ...(signal ? { signal } : {}) };
  const scratch = `rec_io_setup_proof_${randomBytes(6).toString("hex")}`;
  const asAdmin = (text: string) => postgres.query("admin", text, [], { ...options, database: adminDatabase });
  try {
    await removeLeftOver(asAdmin);
    await asAdmin(`CREATE DATABASE ${quoteIdentifier(scratch)} TEMPLATE template0 ENCODING 'UTF8'`);
  } catch (error) {
    if (!isProblem(error) || !noScratchDatabase.has(error.code)) throw error;
    await postgres
      .withTransaction(
        "installer",
        async (session) => {
          await restoreAndCompare(session, backup, (schema) => `${scratch}_${schema}`.slice(0, 63));
          throw abandoned;
        },
        options,
      )
      .catch((thrown: unknown) => {
        if (thrown !== abandoned) throw thrown;
      });
    return "a transaction that was rolled back";
  }
  try {
    await postgres.withTransaction("admin", (session) => restoreAndCompare(session, backup, (schema) => schema), {
      ...options,
      database: scratch,
    });
  } finally {
    await postgres.forget();
    await asAdmin(`DROP DATABASE IF EXISTS ${quoteIdentifier(scratch)} WITH (FORCE)`);
  }
  return "a scratch database";
}
