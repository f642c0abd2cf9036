import type pg from "pg";
import { expect, test } from "playwright/test";
import { type TestDatabase, testPostgres } from "../postgres/test-server.ts";
import { clone, inspect } from "./clone.ts";
import { readVisits } from "./source/read-visits.ts";
import { contents, endsOf, makeSource, makeTarget, quiet } from "./test-ends.ts";
import { type Compared, verifyCopied } from "./verify.ts";

const all = [
  "analytics.btc_fingerprint_directional_momentum_-14",
  "analytics.empty",
  "historical_data.btc_price_history",
  "live_data.computed",
];

let source: TestDatabase;
let target: TestDatabase;
test.beforeEach(async () => {
  const server = await testPostgres({ major: 15 });
  source = await server.database();
  target = await server.database();
  await makeSource(source);
  await makeTarget(target);
});
test.afterEach(async () => {
  await source.drop();
  await target.drop();
});

const name = "source.test:5432/rec_io_db";

test("tables are made, filled, compared, indexed and recorded, and the visit stands in the source's log", async () => {
  const ends = endsOf(source, target);
  const inspected = await inspect(ends, name);
  expect(inspected.plan.fates.map(({ kind }) => kind)).toEqual(["make", "make", "make", "make"]);
  const end = await clone(inspected, quiet(ends));
  expect(end.failed).toEqual([]);
  expect(end.copied.map((table) => `${table.schema}.${table.name}`).sort()).toEqual(all);
  expect(end.snapshots).toHaveLength(1);
  expect(end.notes).toEqual([
    "live_data.computed.b is computed at the source; its values are copied into a plain column.",
  ]);
  expect(await contents(target, all)).toEqual(await contents(source, all));
  const indexes = await target.query("SELECT indexname FROM pg_indexes WHERE schemaname <> 'pg_catalog' ORDER BY 1");
  expect(indexes.map(({ indexname }) => indexname)).toEqual([
    "btc_fingerprint_directional_momentum_-14_pkey",
    "btc_price_history_pkey",
    "copied_pkey",
    "finished_pkey",
    'odd "name',
  ]);
  // The planner knows how many rows there are, and the columns by which they are found.
  const known = await target.query(
    "SELECT c.reltuples::int AS rows, (SELECT array_agg(attname::text ORDER BY attname::text) FROM pg_stats s WHERE s.tablename = c.relname) AS columns FROM pg_class c WHERE c.oid = 'analytics.\"btc_fingerprint_directional_momentum_-14\"'::regclass",
  );
  expect(known).toEqual([{ rows: 3000, columns: ["at", "id", "note"] }]);
  // The counter goes on where the source's rows end.
  const [next] = await target.query<{ id: string }>(
    `INSERT INTO analytics."btc_fingerprint_directional_momentum_-14" (price) VALUES (1) RETURNING id`,
  );
  expect(next?.id).toBe("3001");
  expect(await source.query("SELECT * FROM system.installation_access_log")).toEqual([
    expect.objectContaining({
      installer_user_id: "eva",
      status: "completed",
      tables_cloned: 4,
      total_rows_cloned: "43002",
      connection_end: expect.any(Date),
    }),
  ]);
});

test("what was copied is not sent again", async () => {
  const ends = endsOf(source, target);
  await clone(await inspect(ends, name), quiet(ends));
  const again = await clone(await inspect(ends, name), quiet(ends));
  expect(again.copied).toEqual([]);
  expect(again.recorded).toHaveLength(4);
  expect(again.rows).toBe(43_002);

  // Later it is compared again with what was recorded, and what somebody changed since is named.
  const compared = () =>
    verifyCopied({ open: () => target.connect(), signal: new AbortController().signal, onRung: () => {} });
  expect(await compared()).toMatchObject({ accepted: true, says: "What was copied is still what came." });
  await target.query("UPDATE historical_data.btc_price_history SET price = price + 0.01 WHERE price = 7");
  await target.query("DELETE FROM live_data.computed");
  await target.query("DROP TABLE analytics.empty");
  const later = await compared();
  expect(later).toMatchObject({ accepted: false, says: "2 of the copied tables are not what came." });
  expect(((later.facts?.tables ?? []) as Compared[]).map(({ name, state }) => [name, state])).toEqual([
    ["analytics.btc_fingerprint_directional_momentum_-14", "equal"],
    ["analytics.empty", "gone"],
    ["historical_data.btc_price_history", "differs"],
    // REC.IO itself writes to these.
    ["live_data.computed", "moved on"],
  ]);

  // Both visits stand in the log for whoever runs the source; the role that copies may not read it.
  const address = { host: "127.0.0.1", port: 1, database: source.name, user: "somebody", sslmode: "disable" as const };
  const visits = (open: () => Promise<pg.Client>) =>
    readVisits({ address, open, signal: new AbortController().signal, onRung: () => {} });
  expect((await visits(() => source.connect())).facts?.visits).toEqual([
    expect.objectContaining({ userId: "eva", status: "completed", tables: 0 }),
    expect.objectContaining({ userId: "eva", status: "completed", tables: 4, rows: 43_002 }),
  ]);
  expect(await visits(ends.source)).toMatchObject({ accepted: false, problem: { code: "source.log-not-readable" } });
});

test("a deep copy hashes the contents at both ends", async () => {
  const ends = endsOf(source, target);
  const end = await clone(await inspect(ends, name), quiet(ends, { proof: "deep" }));
  expect(end.failed).toEqual([]);
  expect(end.copied.every(({ contentHash }) => /^-?\d+$/.test(contentHash ?? ""))).toBe(true);
});

test("rows that are there are shown with both counts and kept; agreed, they are kept under a dated name", async () => {
  await target.query(
    "CREATE TABLE historical_data.btc_price_history (timestamp timestamp PRIMARY KEY, price numeric(12,2))",
  );
  await target.query("INSERT INTO historical_data.btc_price_history VALUES ('2019-01-01', 7)");
  const ends = endsOf(source, target);
  const inspected = await inspect(ends, name);
  expect(inspected.occupied).toEqual([{ table: "historical_data.btc_price_history", here: 1, there: 40_000 }]);
  const kept = await clone(inspected, quiet(ends));
  expect(kept.skipped).toEqual(["historical_data.btc_price_history keeps its 1 rows; the source has about 40000."]);
  expect(await target.query("SELECT price FROM historical_data.btc_price_history")).toEqual([{ price: "7.00" }]);
  const replaced = await clone(await inspect(ends, name), quiet(ends, { keepAndReplace: true }));
  expect(replaced.copied.map((table) => table.name)).toEqual(["btc_price_history"]);
  expect(await contents(target, all)).toEqual(await contents(source, all));
  const aside = await target.query(
    "SELECT relname FROM pg_class WHERE relname LIKE 'btc_price_history_before_%' AND relkind = 'r'",
  );
  expect(aside).toHaveLength(1);
});

test("what cannot be carried over is left out and named", async () => {
  await source.query("CREATE TYPE analytics.mood AS ENUM ('good', 'bad')");
  await source.query("CREATE TABLE analytics.moods (a int, m analytics.mood)");
  await source.query("CREATE VIEW analytics.seen AS SELECT 1 AS a");
  await source.query("CREATE TABLE analytics.hidden (a int)");
  await source.query("GRANT SELECT ON analytics.moods, analytics.seen TO rec_io_installer");
  await source.query("REVOKE ALL ON analytics.hidden FROM rec_io_installer");
  await target.query("CREATE TABLE analytics.empty (a text)");
  const ends = endsOf(source, target);
  const end = await clone(await inspect(ends, name), quiet(ends));
  expect(end.skipped).toEqual([
    "analytics.empty is not copied: the column a is text here and integer at the source.",
    "analytics.hidden is not copied: the role may not read it.",
    "analytics.moods is not copied: column m has the type analytics.mood, which is not one of PostgreSQL's own.",
    "analytics.seen is not copied: it is a view.",
  ]);
  expect(end.copied).toHaveLength(3);
});

test("a role that can write is refused with what it can do", async () => {
  await source.query("GRANT INSERT ON historical_data.btc_price_history TO rec_io_installer");
  await source.query("GRANT CREATE ON SCHEMA analytics TO rec_io_installer");
  await expect(inspect(endsOf(source, target), name)).rejects.toMatchObject({
    code: "source.too-many-rights",
    says: "The role rec_io_installer can do more at the source than read: it may create tables in analytics; it may write to historical_data.btc_price_history.",
  });
});

test("a log that takes no line stops the copy before anything is copied, until the person agrees", async () => {
  await source.query("REVOKE ALL ON SEQUENCE system.installation_access_log_id_seq FROM rec_io_installer");
  const ends = endsOf(source, target);
  const inspected = await inspect(ends, name);
  await expect(clone(inspected, quiet(ends))).rejects.toMatchObject({
    code: "source.log-refused",
    says: "The source's access log takes no line: the role may not add to it.",
  });
  expect(await target.query("SELECT to_regclass('clone_state.copied') AS made")).toEqual([{ made: null }]);
  const end = await clone(inspected, quiet(ends, { withoutLog: true }));
  expect(end).toMatchObject({ logged: false, failed: [] });
});

test("a source whose disk is full is told as that, and not as a right that is missing", async () => {
  await source.query(
    "CREATE FUNCTION system.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'could not extend file' USING ERRCODE = '53100'; END $$",
  );
  await source.query(
    "CREATE TRIGGER fills BEFORE INSERT ON system.installation_access_log FOR EACH ROW EXECUTE FUNCTION system.full()",
  );
  const ends = endsOf(source, target);
  await expect(clone(await inspect(ends, name), quiet(ends))).rejects.toMatchObject({ code: "source.disk-full" });
});
