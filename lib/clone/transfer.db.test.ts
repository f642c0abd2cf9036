import pg from "pg";
import { expect, test } from "playwright/test";
import { sqlFile } from "../postgres/sql-file.ts";
import { hasPostgres, type TestDatabase, testPostgres } from "../postgres/test-server.ts";
import { catalogueTable, clonedSchemas, fullName } from "./table.ts";
import { type TableEvent, Transfer } from "./transfer.ts";

async function catalogue(database: TestDatabase) {
  const rows = await database.query(sqlFile("clone/tables.sql"), [[...clonedSchemas]]);
  return rows.map((row) => catalogueTable.parse(row));
}

async function client(database: TestDatabase): Promise<pg.Client> {
  const made = new pg.Client({ connectionString: database.uri() });
  made.on("error", () => {});
  await made.connect();
  return made;
}

const kinds = `
CREATE SCHEMA analytics; CREATE SCHEMA historical_data; CREATE SCHEMA live_data;
CREATE TABLE analytics."btc_fingerprint_directional_momentum_-14" (id bigserial PRIMARY KEY, price numeric(18,8) NOT NULL, wide float8, note text DEFAULT 'x', at timestamptz DEFAULT now(), tags text[], doc jsonb);
INSERT INTO analytics."btc_fingerprint_directional_momentum_-14" (price, wide, note, tags, doc) SELECT n * 1.5, random(), repeat('a', n % 50), ARRAY['q"', n::text], jsonb_build_object('n', n) FROM generate_series(1, 30000) n;
CREATE INDEX "odd ""name" ON analytics."btc_fingerprint_directional_momentum_-14" (at DESC, note);
CREATE TABLE analytics.empty (a int);
CREATE TABLE historical_data.btc_price_history (timestamp timestamp PRIMARY KEY, price numeric(12,2));
INSERT INTO historical_data.btc_price_history SELECT '2020-01-01'::timestamp + n * interval '1 minute', n FROM generate_series(1, 300000) n;
CREATE TABLE live_data.computed (a int, b int GENERATED ALWAYS AS (a * 2) STORED, big text);
INSERT INTO live_data.computed (a, big) VALUES (1, repeat('wide', 2000000)), (2, NULL);
`;

test("tables are made, filled, compared, indexed and recorded", async () => {
  const server = await testPostgres({ major: 15 });
  const source = await server.database();
  const target = await server.database();
  await source.query(kinds);
  await source.query("ANALYZE");
  for (const schema of clonedSchemas) await target.query(`CREATE SCHEMA ${schema}`);
  await target.query(sqlFile("clone/state.sql"));
  const tables = await catalogue(source);
  const events: TableEvent[] = [];
  for (const proof of ["stored", "deep"] as const) {
    const end = await new Transfer({
      ends: { source: () => client(source), target: () => client(target) },
      tables,
      existing: new Set(proof === "deep" ? tables.map(fullName) : []),
      replace: new Set(proof === "deep" ? tables.map(fullName) : []),
      proof,
      sameMajor: true,
      sourceName: "test",
      on: (event) => events.push(event),
    }).run();
    expect(end.failed).toEqual([]);
    expect(end.copied).toHaveLength(4);
    expect(end.snapshots).toBe(1);
  }
  for (const table of tables) {
    const text = `SELECT count(*)::int AS n, coalesce(sum(hash_record_extended(t, 0)), 0)::text AS h FROM ${table.schema}."${table.name}" t`;
    expect(await target.query(text), fullName(table)).toEqual(await source.query(text));
  }
  expect(await target.query("SELECT count(*)::int AS n FROM clone_state.copied")).toEqual([{ n: 4 }]);
  const made = await catalogue(target);
  expect(made.map((table) => table.indexes)).toEqual(tables.map((table) => table.indexes));
  expect(hasPostgres(15)).toBe(true);
});
