import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import type { LookupReceipt } from "../../data/lookup-build.ts";
import { coarseGrid, rowsOf } from "../../data/lookup-grid.ts";
import { lookupRecordFile } from "../../data/lookup-record.ts";
import { type DataWorld, dataWorld, testJob } from "../../data/test-world.ts";
import type { Finding } from "../../engine/probe.ts";
import { hasPostgres } from "../../postgres/test-server.ts";
import { isProblem } from "../../problem.ts";
import { buildProbabilityLookup } from "./build-probability-lookup.ts";

const grid = coarseGrid(8);
const step = buildProbabilityLookup({ grid });
const table = "analytics.probability_lookup_btc";
const forever = new AbortController().signal;

let world: DataWorld;
test.beforeEach(async () => {
  world = await dataWorld();
});
test.afterEach(() => world.end());

const emptyTable = `CREATE TABLE ${table} (ttc_seconds integer NOT NULL, buffer_points integer NOT NULL,
  momentum_bucket integer NOT NULL, prob_within_positive numeric(5,2) NOT NULL, prob_within_negative numeric(5,2) NOT NULL,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (ttc_seconds, buffer_points, momentum_bucket));
  ALTER TABLE ${table} OWNER TO rec_io_user`;

async function look(of = step): Promise<Finding> {
  const [probe] = of.probes;
  return probe.judge(await probe.collect(world as never, forever));
}

async function run(of = step) {
  const { job, heard } = testJob<LookupReceipt>();
  return { receipt: await of.run(world, job), heard };
}

async function takeBack(receipt: LookupReceipt) {
  if (!("takeBack" in step.undo)) throw new Error("the step has no undo");
  await step.undo.takeBack(world, receipt, testJob<LookupReceipt>().job);
}

const names = async () =>
  (await world.sql("SELECT relname FROM pg_class WHERE relnamespace = 'analytics'::regnamespace ORDER BY 1")).map(
    ({ relname }) => relname,
  );
const rowsIn = async (name: string) => Number((await world.sql(`SELECT count(*) AS n FROM ${name}`))[0]?.n);

test("a lookup is built where an empty table was, and the probe turns from fail to ok", async () => {
  await world.sql(emptyTable);
  expect(await look()).toMatchObject({ level: "fail", objects: [table] });
  const { receipt, heard } = await run();
  expect(receipt).toMatchObject({ kind: "built", rows: rowsOf(grid), tableBefore: true });
  expect(heard.progress.at(-1)?.[0]).toBe(rowsOf(grid));
  const finding = await look();
  expect(finding.level, finding.says).toBe("ok");
  expect(await rowsIn(table)).toBe(rowsOf(grid));
  const [facts] = await world.sql(`SELECT pg_get_userbyid(c.relowner) AS owner,
    (SELECT count(*) FROM ${table} WHERE created_at IS NULL OR created_at < now() - interval '1 hour') AS undated
    FROM pg_class c WHERE oid = '${table}'::regclass`);
  expect(facts).toMatchObject({ owner: "rec_io_user", undated: "0" });
  expect(await names()).toEqual(["probability_lookup_btc", "probability_lookup_btc_pkey"]);
  expect(statSync(lookupRecordFile(world)).mode & 0o777).toBe(0o600);
  expect(existsSync(join(world.paths.state, "lookup.sock"))).toBe(false);
});

test("a table of the same shape full of 50.00 is seen and named", async () => {
  await run();
  await world.sql(`UPDATE ${table} SET prob_within_positive = 50, prob_within_negative = 50`);
  const finding = await look();
  expect(finding).toMatchObject({ level: "fail", objects: [table] });
  expect(finding.says).toContain("other values than it did");
});

for (const [what, statement, says] of [
  ["emptied by DELETE", `DELETE FROM ${table}`, "is empty"],
  ["truncated", `TRUNCATE ${table}`, "is empty"],
  ["dropped", `DROP TABLE ${table}`, "is missing"],
  ["stripped of one bucket", `DELETE FROM ${table} WHERE momentum_bucket = 7`, "known points"],
  [
    "robbed of a single row that is no known point",
    `DELETE FROM ${table} WHERE ctid = (SELECT ctid FROM ${table} WHERE ttc_seconds = 40 AND buffer_points = 80 LIMIT 1)`,
    "rows instead of",
  ],
  ["stripped of its key", `ALTER TABLE ${table} DROP CONSTRAINT probability_lookup_btc_pkey`, "no primary key"],
  ["short of a column", `ALTER TABLE ${table} DROP COLUMN prob_within_negative`, "no column prob_within_negative"],
] as const)
  test(`a lookup that was ${what} is seen within 15 s, and right again when it is built anew`, async () => {
    await run();
    expect((await look()).level).toBe("ok");
    await world.sql(statement);
    await expect(async () => {
      const finding = await look();
      expect(finding.level).toBe("fail");
      expect(finding.says).toContain(says);
      expect(finding.objects?.[0]).toContain(table);
    }).toPass({ timeout: 15_000, intervals: [250] });
    await run();
    expect((await look()).level).toBe("ok");
  });

test("a whole table that somebody else made is left as it is and its values are remembered", async () => {
  await run();
  const before = await world.sql(`SELECT pg_relation_filenode('${table}') AS file`);
  await world.sql(`COMMENT ON TABLE ${table} IS NULL`);
  await world.machine.files.remove(lookupRecordFile(world));
  expect(await look()).toMatchObject({ level: "fail" });
  expect(await step.describe(world)).toEqual([
    expect.objectContaining({ what: "file", detail: expect.stringContaining("the table is not changed") }),
  ]);
  const { receipt } = await run();
  expect(receipt).toMatchObject({ kind: "recorded", rows: rowsOf(grid) });
  expect(await world.sql(`SELECT pg_relation_filenode('${table}') AS file`)).toEqual(before);
  expect((await look()).level).toBe("ok");
  await takeBack(receipt);
  expect(existsSync(lookupRecordFile(world))).toBe(false);
  expect(await rowsIn(table)).toBe(rowsOf(grid));
});

test("rows of somebody else are announced, kept aside, and put back by undo", async () => {
  await world.sql(emptyTable);
  await world.sql(`INSERT INTO ${table} SELECT t, 0, 0, 12.5, 13.5 FROM generate_series(1, 1234) t`);
  const [change] = await step.describe(world);
  expect(change?.detail).toContain("the 1,234 rows that are there are kept as analytics.probability_lookup_btc_before");
  const { receipt } = await run();
  expect(receipt.kept).toBe("probability_lookup_btc_before");
  expect(await rowsIn("analytics.probability_lookup_btc_before")).toBe(1234);
  expect((await look()).level).toBe("ok");
  await takeBack(receipt);
  expect(await rowsIn(table)).toBe(1234);
  expect(await names()).toEqual(["probability_lookup_btc", "probability_lookup_btc_pkey"]);
});

test("undo leaves the table empty as it was, and does not touch one that was changed since", async () => {
  await world.sql(emptyTable);
  const { receipt } = await run();
  await world.sql(`UPDATE ${table} SET prob_within_positive = 1 WHERE momentum_bucket = 3`);
  const thrown = await takeBack(receipt).catch((error) => error);
  expect(isProblem(thrown) && thrown.code).toBe("data.lookup-changed-since");
  expect(await rowsIn(table)).toBe(rowsOf(grid));
  await world.sql(`TRUNCATE ${table}`);
  await run();
  await takeBack(receipt);
  expect(await rowsIn(table)).toBe(0);
  expect(existsSync(lookupRecordFile(world))).toBe(false);
});

test("undo drops the table where there was none", async () => {
  const { receipt } = await run();
  await takeBack(receipt);
  expect(await names()).toEqual([]);
});

test("undo that was killed when the table was gone takes the record away when it is tried again", async () => {
  const { receipt } = await run();
  await world.sql(`DROP TABLE ${table}`);
  expect(await world.machine.files.facts(lookupRecordFile(world))).toBeDefined();
  await takeBack(receipt);
  expect(await world.machine.files.facts(lookupRecordFile(world))).toBeUndefined();
});

test("a cancelled build leaves nothing, and what a dead attempt left is removed by the next", async () => {
  await world.sql(emptyTable);
  const stop = new AbortController();
  const { job } = testJob<LookupReceipt>(stop.signal);
  const cancelled = buildProbabilityLookup().run(world, { ...job, progress: (done) => done > 0 && stop.abort() });
  await expect(cancelled).rejects.toThrow(/abort/i);
  await expect(async () =>
    expect(await names()).toEqual(["probability_lookup_btc", "probability_lookup_btc_pkey"]),
  ).toPass({
    timeout: 10_000,
  });
  expect(existsSync(join(world.paths.state, "lookup.sock"))).toBe(false);
  await world.sql(
    "CREATE TABLE analytics.probability_lookup_btc_building (half integer); ALTER TABLE analytics.probability_lookup_btc_building OWNER TO rec_io_user",
  );
  await run();
  expect((await look()).level).toBe("ok");
  expect(await names()).toEqual(["probability_lookup_btc", "probability_lookup_btc_pkey"]);
});

test("a session that holds the table is named, and the earlier table stays", async () => {
  await world.sql(emptyTable);
  const database = await world.sql("SELECT current_database() AS name");
  const pg = await import("pg");
  const holder = new pg.default.Client({
    host: world.server.host,
    port: world.server.port,
    user: "postgres",
    password: world.server.adminPassword,
    database: String(database[0]?.name),
    application_name: "rec:strike_table_generator",
  });
  await holder.connect();
  try {
    await holder.query(`BEGIN; SELECT count(*) FROM ${table}`);
    const thrown = await run().catch((error) => error);
    expect(isProblem(thrown) && thrown.code).toBe("data.lookup-in-use");
    expect(thrown.says).toContain("rec:strike_table_generator");
    expect(await rowsIn(table)).toBe(0);
    expect(await names()).toEqual(["probability_lookup_btc", "probability_lookup_btc_pkey"]);
  } finally {
    await holder.end();
  }
});

test("no archive and a broken one are each one sentence with a remedy", async () => {
  const archive = join(world.archives, "btc_fingerprint_archive_20250810_191515.zip");
  writeFileSync(archive, "PK\x03\x04 not a zip");
  const broken = await run().catch((error) => error);
  expect(isProblem(broken) && broken.code, String(broken)).toBe("data.archive-not-usable");
  await world.machine.files.remove(archive);
  const none = await run().catch((error) => error);
  expect(isProblem(none) && none.code).toBe("data.no-archive");
  expect(await names()).toEqual([]);
});

test("PostgreSQL 15 takes it too", async () => {
  test.skip(!hasPostgres(15), "PostgreSQL 15 is not on this machine.");
  await world.end();
  world = await dataWorld({ major: 15 });
  await world.sql(emptyTable);
  const { receipt } = await run();
  expect((await look()).level).toBe("ok");
  await takeBack(receipt);
  expect(await rowsIn(table)).toBe(0);
});
