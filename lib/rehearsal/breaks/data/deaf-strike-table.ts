import type { Postgres } from "../../../postgres/postgres.ts";
import { sqlFile } from "../../../postgres/sql-file.ts";

/** From now on the strike table takes neither new rows nor deletions, and nobody who writes it is told. */
export async function makeDeaf(postgres: Postgres): Promise<void> {
  await hearAgain(postgres);
  await postgres.query("app", sqlFile("rehearsal/deaf-function.sql"));
  await postgres.query("app", sqlFile("rehearsal/deaf-trigger.sql"));
}

/** Takes that away again. Harmless where it is not there. */
export async function hearAgain(postgres: Postgres): Promise<void> {
  await postgres.query("app", "DROP TRIGGER IF EXISTS deaf_by_rehearsal ON live_data.strike_table_btc");
  await postgres.query("app", "DROP FUNCTION IF EXISTS live_data.deaf_by_rehearsal()");
}
