import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { recioCheckout } from "../../checkout/recio-checkout.ts";
import { ask } from "../../engine/ask.ts";
import { schemaMatchesContract } from "../../health/probes/database/schema.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import { prepareStatements } from "../../postgres/contract/prepare-statements.ts";
import { lookAt, type TestInstallation, testInstallation, testJob } from "../../postgres/test-installation.ts";
import type { World } from "../../world.ts";
import { applySchema } from "./apply-schema.ts";
import { seedRows } from "./seed-rows.ts";

let installed: TestInstallation;
test.afterEach(() => installed?.end());

const look = async () =>
  (await ask(schemaMatchesContract(installed.answers), installed.world, new AbortController().signal)).finding;

/** What REC.IO's own init_database() leaves, as far as it is of the wrong shape. */
const asItLeavesThem = [
  "CREATE SCHEMA users; CREATE SCHEMA system; CREATE SCHEMA historical_data",
  "CREATE TABLE users.trades_0001 (id serial PRIMARY KEY, user_id varchar(50) NOT NULL, symbol varchar(20) NOT NULL, side varchar(10) NOT NULL, quantity numeric(20,8), price numeric(20,8), timestamp timestamp DEFAULT now(), status varchar(20), test_filter boolean DEFAULT false)",
  "CREATE TABLE users.active_trades_0001 (id serial PRIMARY KEY, user_id varchar(50) NOT NULL, symbol varchar(20) NOT NULL, side varchar(10) NOT NULL, quantity numeric(20,8), entry_price numeric(20,8), current_price numeric(20,8), timestamp timestamp DEFAULT now(), status varchar(20))",
  "CREATE TABLE users.trade_preferences_0001 (id serial PRIMARY KEY, user_id varchar(50) NOT NULL, symbol varchar(20), risk_level varchar(20), trade_strategy varchar(100), created timestamp DEFAULT now())",
  "CREATE TABLE system.health_status (id serial PRIMARY KEY, service_name varchar(100), status varchar(50), last_check timestamp DEFAULT now(), details jsonb)",
  "CREATE TABLE historical_data.btc_price_history (id serial PRIMARY KEY, timestamp timestamptz NOT NULL, open numeric(15,2), high numeric(15,2), low numeric(15,2), close numeric(15,2), volume numeric(20,8), momentum numeric(10,4), created_at timestamptz DEFAULT now())",
];

/** Rows that a person could have in it: names with quotes, values that are null, times before the clocks changed. */
const theirRows = [
  `INSERT INTO users.trades_0001 (user_id, symbol, side, quantity, price, status, timestamp) VALUES ('o''neill', 'BTC', 'yes', 1.5, 0.91, 'closed', '2025-08-01 12:00'), ('x', 'ETH', 'no', NULL, NULL, NULL, NULL)`,
  "INSERT INTO users.active_trades_0001 (user_id, symbol, side, entry_price) VALUES ('x', 'BTC', 'yes', 0.95)",
  "INSERT INTO users.trade_preferences_0001 (user_id, trade_strategy) VALUES ('x', 'My own')",
  "INSERT INTO system.health_status (service_name, status) VALUES ('main', 'up')",
  "INSERT INTO historical_data.btc_price_history (timestamp, close, momentum) SELECT '2025-01-01'::timestamptz + n * interval '1 minute', 90000 + n, n FROM generate_series(1, 500) n",
];

const wrongShapes = [
  "users.trades_0001",
  "users.active_trades_0001",
  "users.trade_preferences_0001",
  "system.health_status",
];

/** Count and hash of everything in a table, over the columns that it has now. */
async function fingerprints(names: readonly string[], columns: Record<string, string>): Promise<unknown[]> {
  const found = [];
  for (const name of names)
    found.push(
      ...(await installed.database.query(
        `SELECT count(*)::int AS rows, sum(hashtextextended(ROW(${columns[name] ?? "t.*"})::text, 0))::text AS hash FROM ${name} t`,
      )),
    );
  return found;
}

/** The columns that stay in the new table under their name, and what REC.IO's types make of them as text. */
const carried: Record<string, string> = {
  "users.trades_0001":
    "id, user_id::text, symbol::text, side::text, quantity::text, price::text, timestamp, status::text, test_filter",
  "users.active_trades_0001": "id, user_id::text, symbol::text, side::text, entry_price::text, status::text",
  "users.trade_preferences_0001": "id, user_id::text, trade_strategy::text, created",
  "historical_data.btc_price_history": "id, extract(epoch FROM timestamp), close::float, momentum::float, created_at",
};

const withRows = Object.keys(carried);

async function adopt(): Promise<void> {
  await installed.database.query("SET timezone = 'UTC'");
  const before = await fingerprints(withRows, carried);
  const whole = await fingerprints(wrongShapes, {});
  const finding = await look();
  for (const object of wrongShapes)
    expect(
      finding.objects?.some((name) => name === object || name.startsWith(`${object}.`)),
      object,
    ).toBe(true);

  expect(finding.says).toMatch(
    /\d+ tables are missing: users\.auto_trade_settings_0001, .* and \d+ more; \d+ tables have another shape: users\.trades_0001,/,
  );
  expect(finding.evidence?.cameBack).toContain("historical_data.btc_price_history has no primary key (timestamp)");
  const step = applySchema(installed.answers);
  const survey = (await step.survey?.(installed.world)) ?? [];
  for (const object of wrongShapes)
    expect(
      survey.find(({ name, mend }) => name.startsWith(object) && mend?.includes("RENAME TO")),
      object,
    ).toBeTruthy();
  expect(survey.find(({ name }) => name === "users.trades_0001.ticket_id")).toMatchObject({
    is: "missing",
    neededBy: expect.stringMatching(/\.py:\d+/),
  });
  // Where the checkout can be read, the lines are its own.
  const sent = [
    { kind: "query", sql: 'SELECT "ticket_id" FROM "users"."trades_0001"', file: "backend/later.py", line: 7 },
  ];
  const reading = { checkout: { statements: async () => ({ statements: sent, unread: [] }) } };
  const read = (await step.survey?.({ ...installed.world, ...reading } as unknown as World)) ?? [];
  expect(read.find(({ name }) => name === "users.trades_0001.ticket_id")?.neededBy).toBe("backend/later.py:7");
  expect(read.find(({ name }) => name === "users.trades_0001.ticker")?.neededBy).not.toContain("later");
  const receipt = await step.run(installed.world, testJob());
  expect(receipt.backup).toContain(installed.paths.backups);
  await seedRows().run(installed.world, testJob());
  expect(await lookAt(step, installed.world)).toMatchObject([{ level: "ok" }, { level: "ok" }]);

  expect(await fingerprints(withRows, carried)).toEqual(before);
  const asides = new Map(receipt.replaced.map(([title, aside]) => [title, `${title.split(".")[0]}.${aside}`]));
  expect(
    await fingerprints(
      wrongShapes.map((name) => asides.get(name) ?? name),
      {},
    ),
  ).toEqual(whole);

  const order =
    "INSERT INTO users.trades_0001 (date, time, strike, side, buy_price, position, ticket_id) VALUES ('d', 't', 's', 'y', 0.5, 1, 'T') RETURNING id";
  expect(await installed.postgres.query("app", order)).toEqual([{ id: 3 }]);
  // A trade that came since is not thrown away when the adoption is taken back.
  if ("never" in step.undo) throw new Error("the schema can be taken back");
  await step.undo.takeBack(installed.world, receipt, testJob());
  expect(await fingerprints(wrongShapes, {})).toEqual(whole);
  const since = (asides.get("users.trades_0001") ?? "").replace("_before_", "_since_");
  expect(await installed.database.query(`SELECT ticket_id FROM ${since} WHERE id = 3`)).toEqual([{ ticket_id: "T" }]);
}

test("A database that init_database() made is adopted: right shapes, every row still there, the old tables kept", async () => {
  installed = await testInstallation({ upTo: "roles" });
  const { database } = installed;
  for (const text of [...asItLeavesThem, ...theirRows]) await database.query(text);
  await database.query(
    "DO $$ DECLARE one record; BEGIN FOR one IN SELECT nspname FROM pg_namespace WHERE nspname IN ('users', 'system', 'historical_data') LOOP EXECUTE format('ALTER SCHEMA %I OWNER TO rec_io_user', one.nspname); END LOOP; FOR one IN SELECT c.oid::regclass AS t FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN ('users', 'system', 'historical_data') AND relkind = 'r' LOOP EXECUTE format('ALTER TABLE %s OWNER TO rec_io_user', one.t); END LOOP; END $$",
  );
  await adopt();
});

test("What the real checkout's own init_database() leaves is adopted, and every statement prepares", async () => {
  const root = process.env.RECIO_CHECKOUT;
  test.skip(!root, "RECIO_CHECKOUT names no checkout of REC.IO");
  test.setTimeout(180_000);
  installed = await testInstallation({ upTo: "roles" });
  const { database, server } = installed;
  await database.query("ALTER ROLE rec_io_user SUPERUSER");
  const state = mkdtempSync(join(tmpdir(), "adopt-"));
  try {
    const script =
      "import sys; sys.path.insert(0, sys.argv[1]); from backend.core.config.database import init_database; sys.exit(0 if init_database()[0] else 1)";
    const env = {
      PATH: "/usr/bin:/bin",
      DB_HOST: server.host,
      DB_PORT: String(server.port),
      DB_NAME: database.name,
      DB_USER: "postgres",
      DB_PASSWORD: server.adminPassword,
    };
    execFileSync("/usr/bin/python3", ["-B", "-c", script, root ?? ""], {
      env: env as unknown as NodeJS.ProcessEnv,
      stdio: "pipe",
    });
    await database.query("ALTER ROLE rec_io_user NOSUPERUSER");
    for (const text of theirRows) await database.query(text);
    const { objects = [] } = await look();
    const missing = objects.filter((name) => name.split(".").length === 2 && !wrongShapes.includes(name));
    expect(missing).toEqual(
      expect.arrayContaining([
        "users.auto_trade_settings_0001",
        "users.trade_history_preferences_0001",
        "users.user_info_0001",
        "users.trade_logs_0001",
        "users.account_balance_0001",
        "users.fills_0001",
        "users.orders_0001",
        "users.positions_0001",
        "users.settlements_0001",
        "live_data.market_kalshi_btc",
        "live_data.watchlist_btc",
        "live_data.historical_price_data",
        "analytics.probability_lookup_btc",
        "historical_data.btc_price_history",
        "historical_data.eth_price_history",
      ]),
    );
    const machine = localMachine({ stateFolder: state });
    const { statements } = await recioCheckout({ root: root ?? "", machine, paths: statePaths(state) }).statements();
    expect((await prepareStatements(installed.postgres, statements)).length).toBeGreaterThan(90);
    const step = applySchema(installed.answers);
    await database.query("SET timezone = 'UTC'");
    const before = await fingerprints(withRows, carried);
    await step.run(installed.world, testJob());
    expect(await prepareStatements(installed.postgres, statements)).toEqual([]);
    expect(await fingerprints(withRows, carried)).toEqual(before);
    expect((await look()).level).toBe("ok");
  } finally {
    await database.query("ALTER ROLE rec_io_user NOSUPERUSER");
    rmSync(state, { recursive: true, force: true });
  }
});
