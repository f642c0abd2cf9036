import pg from "pg";
import { sqlFile } from "../postgres/sql-file.ts";
import type { TestDatabase } from "../postgres/test-server.ts";
import type { CloneOptions } from "./clone.ts";
import { clonedSchemas } from "./table.ts";
import type { Ends } from "./transfer.ts";

/** The password of the reading role of test sources. */
export const readerPassword = "only-for-tests";

/** Small tables of every shape that the three schemas can hold. */
export const someTables = `
CREATE TABLE analytics."btc_fingerprint_directional_momentum_-14" (
  id bigserial PRIMARY KEY, price numeric(18,8) NOT NULL, wide float8, note text DEFAULT 'x',
  at timestamptz DEFAULT now(), tags text[], doc jsonb);
INSERT INTO analytics."btc_fingerprint_directional_momentum_-14" (price, wide, note, tags, doc)
  SELECT n * 1.5, random(), repeat('a', n % 50), ARRAY['q"', n::text], jsonb_build_object('n', n) FROM generate_series(1, 3000) n;
CREATE INDEX "odd ""name" ON analytics."btc_fingerprint_directional_momentum_-14" (at DESC, note);
CREATE TABLE analytics.empty (a int);
CREATE TABLE historical_data.btc_price_history (timestamp timestamp PRIMARY KEY, price numeric(12,2));
INSERT INTO historical_data.btc_price_history
  SELECT '2020-01-01'::timestamp + n * interval '1 minute', n FROM generate_series(1, 40000) n;
CREATE TABLE live_data.computed (a int, b int GENERATED ALWAYS AS (a * 2) STORED, big text);
INSERT INTO live_data.computed (a, big) VALUES (1, repeat('wide', 500000)), (2, NULL);
`;

/** A source as its administrator should make it: three schemas, the log, and a role that reads. */
export async function makeSource(database: TestDatabase, tables = someTables): Promise<void> {
  for (const schema of clonedSchemas) await database.query(`CREATE SCHEMA ${schema}`);
  await database.query(
    "DO $$ BEGIN CREATE ROLE rec_io_user NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
  );
  await database.query(tables);
  for (const file of ["access-log", "reading-role", "grant-reading", "log-rights"])
    await database.query(sqlFile(`source/${file}.sql`));
  await database.query(`ALTER ROLE rec_io_installer PASSWORD '${readerPassword}'`);
  await database.query("ANALYZE");
}

/** A database with the three schemas and nothing in them. */
export async function makeTarget(database: TestDatabase): Promise<void> {
  for (const schema of clonedSchemas) await database.query(`CREATE SCHEMA ${schema}`);
}

async function open(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Connections to both: the source's as its reading role, through `port` where a proxy stands in between. */
export function endsOf(source: TestDatabase, target: TestDatabase, port = source.server.port): Ends {
  const uri = source.uri("rec_io_installer", readerPassword).replace(`:${source.server.port}/`, `:${port}/`);
  return { source: () => open(uri), target: () => open(target.uri()) };
}

/** Options of a copy for a test that looks at its end only. */
export function quiet(ends: Ends, change: Partial<CloneOptions> = {}): CloneOptions {
  return {
    ends,
    sourceName: "source.test:5432/rec_io_db",
    proof: "stored",
    visitor: { userId: "eva", name: "Eva Luator", email: "eva@example.com", agent: "rec-io-setup test", version: "0" },
    withoutLog: false,
    keepAndReplace: false,
    log: () => {},
    progress: () => {},
    ...change,
  };
}

/** Rows and a hash of the contents of every table that was copied, to compare two databases by. */
export async function contents(database: TestDatabase, tables: readonly string[]): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const client = await database.connect();
  try {
    for (const table of tables) {
      const [schema, ...rest] = table.split(".");
      const place = `"${schema}"."${rest.join(".").replaceAll('"', '""')}"`;
      const { rows } = await client.query(
        `SELECT count(*)::int AS n, coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS h FROM ${place} t`,
      );
      found[table] = rows;
    }
    return found;
  } finally {
    await client.end();
  }
}
