import { expect, test } from "playwright/test";
import { ask } from "../../../engine/ask.ts";
import { applySchema } from "../../../install/steps/apply-schema.ts";
import { lookAt, type TestInstallation, testInstallation, testJob } from "../../../postgres/test-installation.ts";
import { hasPostgres } from "../../../postgres/test-server.ts";
import { isProblem } from "../../../problem.ts";
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

/** What is damaged so that only the person can mend it. */
const stubborn: [string, string, string, string][] = [
  [
    "a decimal where the code computes with floats",
    "ALTER TABLE users.active_trades_0001 ALTER current_probability TYPE numeric",
    "users.active_trades_0001.current_probability",
    "is numeric and must be real",
  ],
  [
    "a boolean status",
    "ALTER TABLE users.auto_trade_settings_0001 ALTER auto_entry_status DROP DEFAULT; ALTER TABLE users.auto_trade_settings_0001 ALTER auto_entry_status TYPE boolean USING false",
    "users.auto_trade_settings_0001.auto_entry_status",
    "is boolean and must be text",
  ],
  [
    "a foreign column that demands a value",
    "ALTER TABLE users.trades_0001 ADD user_id text NOT NULL",
    "users.trades_0001.user_id",
    "demands a value that REC.IO does not give",
  ],
  [
    "a known column that demands a value",
    "ALTER TABLE users.trades_0001 ALTER contract SET NOT NULL",
    "users.trades_0001.contract",
    "demands a value that REC.IO does not give",
  ],
  [
    "a view in place of a table",
    "ALTER TABLE users.trades_0001 RENAME TO kept; CREATE VIEW users.trades_0001 AS SELECT * FROM users.kept",
    "users.trades_0001",
    "is a view and must be a table",
  ],
  [
    "a generated column",
    "ALTER TABLE users.trades_0001 DROP COLUMN pnl; ALTER TABLE users.trades_0001 ADD pnl real GENERATED ALWAYS AS (sell_price - buy_price) STORED",
    "users.trades_0001.pnl",
    "is computed by the server",
  ],
];

for (const [what, damage, object, says] of stubborn)
  test(`${what} is named, refused and left alone`, async () => {
    installed = await testInstallation();
    await installed.database.query(damage);
    const finding = await look();
    expect(finding.objects).toContain(object);
    expect(finding.says).toContain(says);
    expect(finding).toMatchObject({ level: "fail", remedy: { kind: "sentence" } });
    const step = applySchema(installed.answers);
    for (const work of [() => step.describe(installed.world), () => step.run(installed.world, testJob())]) {
      const thrown = await work().then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(isProblem(thrown) && thrown.code).toBe("schema.not-mendable");
      expect(isProblem(thrown) && thrown.says).toContain(object);
    }
    expect((await look()).objects).toContain(object);
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
