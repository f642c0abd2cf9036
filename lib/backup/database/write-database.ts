import { join } from "node:path";
import { catalogueTable, fullName } from "../../clone/table.ts";
import { packed } from "../../machine/gzip.ts";
import type { Machine } from "../../machine/machine.ts";
import { fileOfRows, fingerprintOf, rowsOut, withSameText } from "../../postgres/backup/backup.ts";
import { onlooker } from "../../postgres/contract/lock-holders.ts";
import { quoteName } from "../../postgres/identifier.ts";
import type { Postgres, Session } from "../../postgres/postgres.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { portable, type TableKept } from "./kept.ts";

/** Our own, made anew where the backup is put back: a lock is never carried open. */
const madeAnew = ["order_lock"];

interface Found {
  schema: string;
  name: string;
  readable: boolean;
  bytes: number;
}

const tablesFound = (session: Pick<Session, "query">) =>
  session.query<Found & object>(sqlFile("backup/tables-to-keep.sql"), [madeAnew]);

/** How many bytes the tables take on the server's disk: what a backup may need at most, compressed it is less. */
export async function bytesOfTables(postgres: Postgres): Promise<number> {
  const found = await tablesFound({
    query: (text, values) => postgres.query(onlooker(postgres), text, values, { database: postgres.target.database }),
  });
  return found.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function keep(session: Session, machine: Machine, folder: string, found: readonly Found[]): Promise<TableKept[]> {
  const names = found.map(fullName);
  const shapes = await session.query<Pick<TableKept, "schema" | "name" | "columns">>(
    sqlFile("probes/relations-to-keep.sql"),
    [names],
  );
  const columns = new Map(shapes.map((shape) => [fullName(shape), shape.columns]));
  const schemas = [...new Set(found.map(({ schema }) => schema))];
  const catalogue = (await session.query(sqlFile("clone/tables.sql"), [schemas])).map((row) =>
    catalogueTable.parse(row),
  );
  const kept: TableKept[] = [];
  for (const table of catalogue.filter((one) => names.includes(fullName(one)))) {
    const own = columns.get(fullName(table)) ?? [];
    const { schema, name } = table;
    const print = await fingerprintOf(session, quoteName(schema, name), own);
    const file = `${fileOfRows(table, kept.length + 1)}.gz`;
    const line = { schema, name, columns: own, ...print, file, definition: portable(table, own) };
    await machine.files.writeNew(join(folder, file), packed(rowsOut(session, line)), 0o600);
    kept.push(line);
  }
  return kept;
}

/**
 * Writes every table of the database into a folder, as all of them stand at one moment.
 * @param folder absolute and there
 * @returns the tables, and those that their owners do not let us read whole
 */
export async function writeDatabase(
  { postgres, machine }: { postgres: Postgres; machine: Machine },
  folder: string,
  signal: AbortSignal,
): Promise<{ server: string; tables: TableKept[]; unreadable: { schema: string; name: string }[] }> {
  return postgres.withTransaction(
    onlooker(postgres),
    async (session) => {
      await session.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      await session.query("SET LOCAL idle_in_transaction_session_timeout = 0");
      await withSameText(session);
      const found = await tablesFound(session);
      const [about] = await session.query<{ version: string }>("SELECT current_setting('server_version') AS version");
      return {
        server: about?.version ?? "",
        tables: await keep(
          session,
          machine,
          folder,
          found.filter(({ readable }) => readable),
        ),
        unreadable: found.filter(({ readable }) => !readable),
      };
    },
    { readOnly: true, statementTimeoutMs: 1_800_000, signal, database: postgres.target.database },
  );
}
