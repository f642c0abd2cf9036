import { readFileSync } from "node:fs";
import { expect, test } from "playwright/test";
import { ask } from "../../engine/ask.ts";
import { schemaMatchesContract } from "../../health/probes/database/schema.ts";
import { lookAt, type TestInstallation, testInstallation, testJob } from "../../postgres/test-installation.ts";
import { isProblem } from "../../problem.ts";
import { applySchema } from "./apply-schema.ts";
import { endBlockingSessions } from "./end-blocking-sessions.ts";

let installed: TestInstallation;
test.afterEach(() => installed.end());

const look = async () =>
  (await ask(schemaMatchesContract(installed.answers), installed.world, new AbortController().signal)).finding;

test("rows survive the mending, and what was mended can be taken back", async () => {
  installed = await testInstallation();
  const { database } = installed;
  await database.query("UPDATE users.trade_preferences_0001 SET multiplier = 7");
  await database.query("INSERT INTO users.trade_logs_0001 (message) VALUES ('one'), ('two')");
  await database.query("INSERT INTO system.health_status (id, overall_status) VALUES (1, 'healthy')");
  await database.query(
    "ALTER TABLE users.trade_preferences_0001 DROP COLUMN position_size; ALTER TABLE users.trade_logs_0001 ALTER id DROP DEFAULT; ALTER TABLE system.health_status ADD note text; DROP TABLE live_data.watchlist_btc",
  );
  const step = applySchema(installed.answers);
  const receipt = await step.run(installed.world, testJob());
  expect(receipt).toMatchObject({
    schemas: [],
    columns: [["users.trade_preferences_0001", "position_size"]],
    defaults: [["users.trade_logs_0001", "id"]],
    replaced: [["system.health_status", expect.stringMatching(/^health_status_before_\d{4}_\d\d_\d\d$/), 1]],
  });
  expect(await database.query("SELECT position_size, multiplier FROM users.trade_preferences_0001")).toEqual([
    { position_size: 1, multiplier: 7 },
  ]);
  expect(
    await installed.postgres.query("app", "INSERT INTO users.trade_logs_0001 (message) VALUES ('three') RETURNING id"),
  ).toEqual([{ id: 3 }]);
  for (const table of ["health_status", receipt.replaced[0]?.[1]])
    expect(await database.query(`SELECT overall_status FROM system.${table}`)).toEqual([{ overall_status: "healthy" }]);
  if ("never" in step.undo) throw new Error("the schema can be taken back");
  for (const _twice of [1, 2]) await step.undo.takeBack(installed.world, receipt, testJob());
  expect((await look()).objects).toEqual([
    "users.trade_preferences_0001.position_size",
    "users.trade_logs_0001.id",
    "live_data.watchlist_btc",
    "system.health_status",
  ]);
  expect(await database.query("SELECT overall_status FROM system.health_status")).toEqual([
    { overall_status: "healthy" },
  ]);
  expect(await database.query("SELECT multiplier FROM users.trade_preferences_0001")).toEqual([{ multiplier: 7 }]);
});

test("repeated rows are named when a key cannot be made, and nothing is half done", async () => {
  installed = await testInstallation();
  await installed.database.query(
    "ALTER TABLE users.positions_0001 DROP CONSTRAINT positions_0001_ticker_key; INSERT INTO users.positions_0001 (ticker) VALUES ('T'), ('T'); ALTER TABLE users.fills_0001 DROP COLUMN side",
  );
  const thrown = await applySchema(installed.answers)
    .run(installed.world, testJob())
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(isProblem(thrown) && thrown.code).toBe("database.rows-not-unique");
  expect(isProblem(thrown) && thrown.says).toContain("users.positions_0001");
  expect((await look()).objects).toEqual(["users.fills_0001.side", "users.positions_0001"]);
});

test("a session that holds a table is named after five seconds, and the change is given up", async () => {
  installed = await testInstallation();
  await installed.database.query("ALTER TABLE users.fills_0001 DROP COLUMN side");
  const holder = await installed.database.connect("rec_io_user", readFileSync(installed.paths.appPassword, "utf8"));
  await holder.query("SET application_name = 'rec:strike_table_generator'");
  await holder.query("BEGIN");
  await holder.query("SELECT * FROM users.fills_0001");
  const started = Date.now();
  const thrown = await applySchema(installed.answers)
    .run(installed.world, testJob())
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(Date.now() - started).toBeLessThan(9000);
  expect(isProblem(thrown) && thrown.code).toBe("database.lock-timeout");
  expect(isProblem(thrown) && thrown.says).toMatch(
    /rec:strike_table_generator \(process \d+ of the server, role rec_io_user, from .+\) has held users.fills_0001 locked for \d+ s in a transaction that it left open\./,
  );
  expect(isProblem(thrown) && thrown.remedy).toMatchObject({ kind: "step", stepId: "end-blocking-sessions" });

  // The remedy says whom it would end, ends nobody else, and the change goes on.
  const other = await installed.database.connect("rec_io_user", readFileSync(installed.paths.appPassword, "utf8"));
  const ended = new Promise((resolve) => holder.once("error", resolve));
  const [before] = await lookAt(endBlockingSessions, installed.world);
  expect(before).toMatchObject({ level: "fail", objects: ["users.fills_0001"] });
  const described = await endBlockingSessions.describe(installed.world);
  expect(described).toHaveLength(1);
  expect(described[0]?.target).toMatch(/^rec:strike_table_generator \(process \d+ of the server, role rec_io_user/);
  expect(described[0]?.detail).toMatch(/^left a transaction open since \d{4}-.+ UTC and holds users.fills_0001 locked/);
  expect(await endBlockingSessions.describe(installed.world)).toEqual(described);
  expect(await endBlockingSessions.run(installed.world, testJob())).toHaveLength(1);
  await ended;
  expect((await lookAt(endBlockingSessions, installed.world))[0]?.level).toBe("ok");
  expect((await other.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  await other.end();
  await applySchema(installed.answers).run(installed.world, testJob());
  expect((await look()).level).toBe("ok");
});
