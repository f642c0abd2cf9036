import type { Postgres } from "../../../postgres/postgres.ts";
import { sqlFile } from "../../../postgres/sql-file.ts";

/** What hides the real object while a break lasts. */
export const hidden = "hidden_by_rehearsal";

/** Gives a hidden table its name back; one that was made in its place meanwhile goes. Harmless where none is hidden. */
export async function unhideTable(postgres: Postgres, schema: string, table: string): Promise<void> {
  const [there] = await postgres.query<{ hidden: boolean }>("app", "SELECT to_regclass($1) IS NOT NULL AS hidden", [
    `${schema}.${hidden}`,
  ]);
  if (!there?.hidden) return;
  await postgres.withTransaction("app", async (session) => {
    await session.query(`DROP TABLE IF EXISTS ${schema}.${table}`);
    await session.query(`ALTER TABLE ${schema}.${hidden} RENAME TO ${table}`);
  });
}

/** Gives a hidden column its name back, in the same way. */
export async function unhideColumn(postgres: Postgres, schema: string, table: string, column: string): Promise<void> {
  const found = await postgres.query("app", sqlFile("rehearsal/column-there.sql"), [schema, table, hidden]);
  if (found.length === 0) return;
  await postgres.withTransaction("app", async (session) => {
    await session.query(`ALTER TABLE ${schema}.${table} DROP COLUMN IF EXISTS ${column}`);
    await session.query(`ALTER TABLE ${schema}.${table} RENAME COLUMN ${hidden} TO ${column}`);
  });
}
