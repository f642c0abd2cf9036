import { expect, test } from "playwright/test";
import { ask } from "../../../engine/ask.ts";
import { applySchema } from "../../../install/steps/apply-schema.ts";
import { lookAt, type TestInstallation, testInstallation, testJob } from "../../../postgres/test-installation.ts";
import { hasPostgres } from "../../../postgres/test-server.ts";
import { isProblem } from "../../../problem.ts";
import { orderLockProbes } from "./order-lock.ts";
import { schemaMatchesContract } from "./schema.ts";

let installed: TestInstallation;
test.afterEach(() => installed.end());

const look = async () =>
  (await ask(schemaMatchesContract(installed.answers), installed.world, new AbortController().signal)).finding;

/** What is damaged, how, which object must be named, and a clause of the sentence. */
const mendable: [string, string, string, string][] = [
  [
    "a missing column",
    "ALTER TABLE users.trade_preferences_0001 DROP COLUMN position_size",
    "users.trade_preferences_0001.position_size",
    "users.trade_preferences_0001.position_size is missing",
  ],
  [
    "a missing counter",
    "ALTER TABLE users.fills_0001 DROP COLUMN id",
    "users.fills_0001.id",
    "users.fills_0001.id is missing",
  ],
  ["a missing table", "DROP TABLE users.trades_0001", "users.trades_0001", "users.trades_0001 is missing"],
  [
    "a missing table of the lookup",
    "DROP TABLE analytics.probability_lookup_btc",
    "analytics.probability_lookup_btc",
    "analytics.probability_lookup_btc is missing",
  ],
  [
    "a missing schema",
    "DROP SCHEMA historical_data CASCADE",
    "historical_data",
    "The schema historical_data is missing",
  ],
  [
    "a missing default",
    "ALTER TABLE users.active_trades_0001 ALTER status DROP DEFAULT",
    "users.active_trades_0001.status",
    "status has no default",
  ],
  [
    "a counter that does not count",
    "INSERT INTO users.trade_logs_0001 (message) VALUES ('one'), ('two'); ALTER TABLE users.trade_logs_0001 ALTER id DROP DEFAULT",
    "users.trade_logs_0001.id",
    "id has no default",
  ],
  [
    "a missing primary key",
    "ALTER TABLE users.user_info_0001 DROP CONSTRAINT user_info_0001_pkey",
    "users.user_info_0001",
    "has no primary key (user_no)",
  ],
  [
    "a missing unique key",
    "ALTER TABLE users.positions_0001 DROP CONSTRAINT positions_0001_ticker_key",
    "users.positions_0001",
    "has no unique key (ticker)",
  ],
  [
    "a unique key that holds for some rows only",
    "ALTER TABLE users.positions_0001 DROP CONSTRAINT positions_0001_ticker_key; CREATE UNIQUE INDEX ON users.positions_0001 (ticker) WHERE position > 0",
    "users.positions_0001",
    "has no unique key (ticker)",
  ],
  [
    "a wrong owner",
    "ALTER TABLE live_data.strike_table_btc OWNER TO postgres",
    "live_data.strike_table_btc",
    "belongs to postgres and must belong to rec_io_user",
  ],
  [
    "a schema with a wrong owner",
    "ALTER SCHEMA live_data OWNER TO postgres",
    "live_data",
    "The schema live_data belongs to postgres",
  ],
  [
    "a text with too little room",
    "ALTER TABLE users.active_trades_0001 ALTER side TYPE varchar(10)",
    "users.active_trades_0001.side",
    "is character varying(10) and must be text",
  ],
  [
    "columns in the wrong order",
    "ALTER TABLE system.health_status DROP COLUMN cpu_percent; ALTER TABLE system.health_status ADD cpu_percent numeric(5,2)",
    "system.health_status",
    "do not stand in the order",
  ],
  [
    "a column too many where rows are read by position",
    "ALTER TABLE system.health_status ADD note text",
    "system.health_status",
    "do not stand in the order",
  ],
];

for (const major of [18, 15] as const)
  for (const [what, damage, object, says] of mendable)
    test(`${what} is named and mended on PostgreSQL ${major}`, async () => {
      test.skip(!hasPostgres(major), `PostgreSQL ${major} is not installed here`);
      installed = await testInstallation({ major });
      expect(await look()).toMatchObject({
        level: "ok",
        says: "25 tables with 318 columns are as REC.IO's code needs them.",
      });
      await installed.database.query(damage);
      const finding = await look();
      expect(finding.level).toBe("fail");
      expect(finding.objects).toContain(object);
      expect(finding.says).toContain(says);
      expect(finding).toMatchObject({ remedy: { kind: "step", stepId: "apply-schema" } });
      const step = applySchema(installed.answers);
      const described = await step.describe(installed.world);
      expect(described.map(({ target }) => target)).toContain(object);
      await step.run(installed.world, testJob());
      expect(await lookAt(step, installed.world)).toMatchObject([{ level: "ok" }, { level: "ok" }]);
    });

/** What is damaged so that the table is made anew: rows, what is damaged, the object, a clause, and what the rows are afterwards. */
const rebuilt: [string, string, string, string, string, object[]][] = [
  [
    "a decimal where the code computes with floats",
    "INSERT INTO users.active_trades_0001 (trade_id, current_probability) VALUES (7, 0.95); ALTER TABLE users.active_trades_0001 ALTER current_probability TYPE numeric",
    "users.active_trades_0001.current_probability",
    "is numeric and must be real",
    "SELECT trade_id, current_probability AS p, status FROM users.active_trades_0001",
    [{ trade_id: 7, p: 0.95, status: "active" }],
  ],
  [
    "a boolean status",
    "ALTER TABLE users.auto_trade_settings_0001 DISABLE TRIGGER USER; ALTER TABLE users.auto_trade_settings_0001 ALTER auto_entry_status DROP DEFAULT; ALTER TABLE users.auto_trade_settings_0001 ALTER auto_entry_status TYPE boolean USING false",
    "users.auto_trade_settings_0001.auto_entry_status",
    "is boolean and must be text",
    "SELECT id, auto_entry, auto_entry_status FROM users.auto_trade_settings_0001",
    [{ id: 1, auto_entry: false, auto_entry_status: "false" }],
  ],
  [
    "a foreign column that demands a value",
    `INSERT INTO users.trades_0001 (date, time, strike, side, buy_price, position) VALUES ('d', 't', 's', 'y', 0.5, 2);
     ALTER TABLE users.trades_0001 ADD "of ""theirs""" text NOT NULL DEFAULT 'kept'; ALTER TABLE users.trades_0001 ALTER "of ""theirs""" DROP DEFAULT`,
    'users.trades_0001.of "theirs"',
    "demands a value that REC.IO does not give",
    `SELECT id, side, "of ""theirs""" AS own FROM users.trades_0001`,
    [{ id: 1, side: "y", own: "kept" }],
  ],
  [
    "a view in place of a table",
    `INSERT INTO users.trades_0001 (date, time, strike, side, buy_price, position) VALUES ('d', 't', 's', 'y', 0.5, 2);
     ALTER TABLE users.trades_0001 RENAME TO kept; CREATE VIEW users.trades_0001 AS SELECT * FROM users.kept`,
    "users.trades_0001",
    "is a view and must be a table",
    "SELECT id, side FROM users.trades_0001",
    [{ id: 1, side: "y" }],
  ],
  [
    "a generated column",
    `ALTER TABLE users.trades_0001 DROP COLUMN pnl; ALTER TABLE users.trades_0001 ADD pnl real GENERATED ALWAYS AS (sell_price - buy_price) STORED;
     INSERT INTO users.trades_0001 (date, time, strike, side, buy_price, sell_price, position) VALUES ('d', 't', 's', 'y', 0.5, 0.75, 2)`,
    "users.trades_0001.pnl",
    "is computed by the server",
    "SELECT pnl FROM users.trades_0001",
    [{ pnl: 0.25 }],
  ],
  [
    "a time with a zone where none is expected",
    "ALTER TABLE historical_data.btc_price_history ALTER timestamp TYPE timestamptz USING timestamp AT TIME ZONE 'UTC'; INSERT INTO historical_data.btc_price_history (timestamp, close) VALUES ('2025-01-02 03:04:00+00', 100.5)",
    "historical_data.btc_price_history.timestamp",
    "must be timestamp without time zone",
    "SELECT timestamp::text AS at, close::float AS close FROM historical_data.btc_price_history",
    [{ at: "2025-01-02 03:04:00", close: 100.5 }],
  ],
];

for (const [what, damage, object, says, look_at, rows] of rebuilt)
  test(`${what} is named, kept aside, and made anew with its rows`, async () => {
    installed = await testInstallation();
    await installed.database.query(damage);
    const finding = await look();
    expect(finding.objects).toContain(object);
    expect(finding.says).toContain(says);
    expect(finding).toMatchObject({ level: "fail", remedy: { kind: "step", stepId: "apply-schema" } });
    const step = applySchema(installed.answers);
    const described = (await step.describe(installed.world)).map(({ detail }) => detail).join();
    expect(described).toMatch(/RENAME TO "\w+_before_\d{4}_\d\d_\d\d"/);
    const survey = await step.survey?.(installed.world);
    expect(survey?.find(({ name }) => name === object)).toMatchObject({
      is: "wrong",
      says: expect.stringContaining(says),
    });
    await step.run(installed.world, testJob());
    expect(await lookAt(step, installed.world)).toMatchObject([{ level: "ok" }, { level: "ok" }]);
    expect(await installed.database.query(look_at)).toEqual(rows);
    const [table = ""] = /[a-z_]+\.[a-z0-9_]+/.exec(object) ?? [];
    const [, aside = ""] = /RENAME TO "(\w+)"/.exec(described) ?? [];
    const kept = await installed.database.query(`SELECT count(*)::int AS n FROM ${table.split(".")[0]}.${aside}`);
    expect(kept).toEqual([{ n: rows.length }]);
    // The lock sits on the new settings as it sat on the old ones.
    for (const probe of orderLockProbes(installed.answers))
      expect((await ask(probe, installed.world, new AbortController().signal)).finding.level).toBe("ok");
  });

test("a value that has no place in the right type is named, and nothing is changed", async () => {
  installed = await testInstallation();
  await installed.database.query(
    "ALTER TABLE users.orders_0001 ALTER taker_fees TYPE numeric; INSERT INTO users.orders_0001 (order_id, taker_fees) VALUES ('a', 1.5); ALTER TABLE users.fills_0001 ALTER count TYPE text; INSERT INTO users.fills_0001 (trade_id, count) VALUES ('b', 'many'); DROP TABLE live_data.watchlist_btc",
  );
  for (const [object, mend] of [
    ["users.fills_0001.count", "UPDATE users.fills_0001 SET count = '3'"],
    ["users.orders_0001.taker_fees", "UPDATE users.orders_0001 SET taker_fees = 2.0"],
  ] as const) {
    const thrown = await applySchema(installed.answers)
      .run(installed.world, testJob())
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(isProblem(thrown) && thrown.code).toBe("schema.rows-do-not-fit");
    expect(isProblem(thrown) && thrown.says).toContain(object);
    expect((await look()).objects).toContain("live_data.watchlist_btc");
    await installed.database.query(mend);
  }
  await applySchema(installed.answers).run(installed.world, testJob());
  expect((await look()).level).toBe("ok");
  expect(await installed.database.query("SELECT count FROM users.fills_0001")).toEqual([{ count: 3 }]);
});

test("a known column that demands a value is loosened, and tightened again when that is taken back", async () => {
  installed = await testInstallation();
  await installed.database.query("ALTER TABLE users.trades_0001 ALTER contract SET NOT NULL");
  expect((await look()).says).toContain("users.trades_0001.contract demands a value that REC.IO does not give");
  const step = applySchema(installed.answers);
  const receipt = await step.run(installed.world, testJob());
  expect(receipt).toMatchObject({ loosened: [["users.trades_0001", "contract"]], replaced: [] });
  expect((await look()).level).toBe("ok");
  if ("never" in step.undo) throw new Error("the schema can be taken back");
  await step.undo.takeBack(installed.world, receipt, testJob());
  expect((await look()).objects).toEqual(["users.trades_0001.contract"]);
});

test("a default that begins otherwise is named and put right, and given back", async () => {
  installed = await testInstallation();
  await installed.database.query("ALTER TABLE users.active_trades_0001 ALTER status SET DEFAULT 'open'");
  expect(await look()).toMatchObject({
    level: "fail",
    objects: ["users.active_trades_0001.status"],
    says: expect.stringContaining("begins as 'open'::text and must begin as 'active'"),
  });
  const step = applySchema(installed.answers);
  const receipt = await step.run(installed.world, testJob());
  expect((await look()).level).toBe("ok");
  if ("never" in step.undo) throw new Error("the schema can be taken back");
  await step.undo.takeBack(installed.world, receipt, testJob());
  expect((await look()).objects).toEqual(["users.active_trades_0001.status"]);
});

test("types with more room, and what others keep beside the contract, are accepted", async () => {
  installed = await testInstallation();
  await installed.database.query(
    "ALTER TABLE users.trades_0001 ALTER buy_price TYPE double precision, ALTER position TYPE bigint, ADD of_theirs text, ADD theirs_too int NOT NULL DEFAULT 0",
  );
  await installed.database.query(
    "ALTER TABLE live_data.market_kalshi_btc ALTER strike TYPE text, ALTER event_ticker TYPE varchar(80)",
  );
  await installed.database.query(
    "ALTER TABLE live_data.strike_table_btc ALTER probability TYPE numeric(8,3), ALTER buffer TYPE numeric",
  );
  await installed.database.query("CREATE TABLE users.of_theirs (n int)");
  expect((await look()).level).toBe("ok");
});
