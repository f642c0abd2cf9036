import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { recioCheckout } from "../../../checkout/recio-checkout.ts";
import type { Statement, StatementReading } from "../../../checkout/statements/read-statements.ts";
import { ask } from "../../../engine/ask.ts";
import { localMachine } from "../../../machine/local-machine.ts";
import { statePaths } from "../../../paths.ts";
import { prepareStatements } from "../../../postgres/contract/prepare-statements.ts";
import { type TestInstallation, testInstallation } from "../../../postgres/test-installation.ts";
import { hasPostgres } from "../../../postgres/test-server.ts";
import type { World } from "../../../world.ts";
import { judgeTables } from "../checkout/statements.ts";
import { statementsPrepare } from "./statements.ts";

let installed: TestInstallation;
test.afterEach(() => installed?.end());

let line = 0;
/** One statement as the reading gives it, on a line of its own. */
function statement(sql: string, more: Partial<Statement> = {}): Statement {
  line += 1;
  const values = new Set(sql.match(/\$\d+/g)).size;
  return { file: "backend/one.py", line, function: "work", kind: "query", sql, values, ...more };
}

const insert =
  "INSERT INTO users.positions_0001 (ticker, position) VALUES ($1, $2) ON CONFLICT (ticker) DO UPDATE SET position = EXCLUDED.position";

/** What is damaged, a statement that then fails, and what the refusal must name. */
const damages: [string, string, string, { state: string; missing: string }][] = [
  [
    "a column that is gone",
    "ALTER TABLE users.trades_0001 DROP COLUMN ticket_id",
    "SELECT id FROM users.trades_0001 WHERE ticket_id = $1",
    { state: "42703", missing: "users.trades_0001.ticket_id" },
  ],
  [
    "the same column where it is written",
    "",
    "INSERT INTO users.trades_0001 (ticket_id) VALUES ($1) RETURNING id",
    { state: "42703", missing: "users.trades_0001.ticket_id" },
  ],
  [
    "a table that is gone",
    "DROP TABLE live_data.watchlist_btc",
    "SELECT * FROM live_data.watchlist_btc",
    { state: "42P01", missing: "live_data.watchlist_btc" },
  ],
  [
    "a key that an ON CONFLICT needs",
    "ALTER TABLE users.positions_0001 DROP CONSTRAINT positions_0001_ticker_key",
    insert,
    { state: "42P10", missing: "users.positions_0001" },
  ],
  [
    "a type that cannot be compared any more",
    "ALTER TABLE live_data.live_price_log_1s_btc ALTER price TYPE text",
    "SELECT avg(price) FROM live_data.live_price_log_1s_btc",
    { state: "42883", missing: "live_data.live_price_log_1s_btc" },
  ],
  [
    "a right that was taken away",
    "ALTER TABLE users.fills_0001 OWNER TO postgres; REVOKE ALL ON users.fills_0001 FROM rec_io_user",
    "DELETE FROM users.fills_0001",
    { state: "42501", missing: "users.fills_0001" },
  ],
];

for (const major of [18, 15] as const)
  test(`Refusals name the place, the reason and what is missing on PostgreSQL ${major}`, async () => {
    test.skip(!hasPostgres(major), `PostgreSQL ${major} is not installed here`);
    installed = await testInstallation({ major });
    const good = [
      statement("SELECT * FROM users.trades_0001 WHERE id = $1"),
      statement("SELECT now() - $1 * interval '1 day', $2"),
      statement("SELECT $1::text || $2 WHERE $3 IS NULL"),
      statement("DELETE FROM users.trade_preferences_0001"),
      statement("UPDATE users.trades_0001 SET status = 'x' WHERE id IN ($1)"),
      statement("SELECT 1 FROM live_data.strike_table_btc LIMIT $1 FOR UPDATE"),
      statement("CREATE INDEX i ON live_data.not_there (a)", {
        kind: "definition",
        needs: "SELECT a FROM live_data.not_there",
      }),
    ];
    expect(await prepareStatements(installed.postgres, good)).toEqual([]);
    const asked = damages.map(([, , sql]) => statement(sql));
    expect(await prepareStatements(installed.postgres, [...good, ...asked])).toEqual([]);
    for (const [, damage] of damages) if (damage) await installed.database.query(damage);
    expect(await prepareStatements(installed.postgres, [...good, ...asked])).toMatchObject(
      damages.map(([, , , expected], at) => ({ statement: { line: asked[at]?.line }, ...expected })),
    );
    expect(await installed.database.query("SELECT count(*)::int AS n FROM users.trade_preferences_0001")).toEqual([
      { n: 1 },
    ]);
    const index = statement("CREATE INDEX i ON live_data.watchlist_btc (gone)", {
      kind: "definition",
      needs: "SELECT gone FROM live_data.strike_table_btc",
    });
    expect(await prepareStatements(installed.postgres, [index])).toMatchObject([
      { state: "42703", missing: "live_data.strike_table_btc.gone" },
    ]);
  });

test("A connection is left as it was, and a table that somebody holds locked is not waited for", async () => {
  installed = await testInstallation();
  const all = [statement("DELETE FROM users.trades_0001"), statement("SELECT nothing FROM users.trades_0001")];
  await installed.postgres.withSession("app", async (session) => {
    await prepareStatements({ withTransaction: (_as, work) => work(session) }, all);
    expect(await session.query("SELECT name FROM pg_prepared_statements")).toEqual([]);
  });
  const holder = await installed.database.connect();
  await holder.query("BEGIN; LOCK TABLE users.trades_0001 IN ACCESS EXCLUSIVE MODE");
  await expect(prepareStatements(installed.postgres, all)).rejects.toMatchObject({ code: "database.lock-timeout" });
  await holder.end();
});

const worldWith = (reading: () => StatementReading): World =>
  ({ ...installed.world, checkout: { statements: async () => reading() } }) as unknown as World;

test("The answer is kept until the files or the catalogue change", async () => {
  installed = await testInstallation();
  let reading: StatementReading = {
    statements: [statement("SELECT ticket_id FROM users.trades_0001"), statement("SELECT side FROM users.fills_0001")],
    unread: [],
  };
  let transactions = 0;
  const { postgres } = installed;
  const counted = { ...worldWith(() => reading), postgres: { ...postgres } } as World;
  counted.postgres.withTransaction = (...given) => {
    transactions += 1;
    return postgres.withTransaction(...given);
  };
  const look = async () => (await ask(statementsPrepare(), counted, new AbortController().signal)).finding;
  expect(await look()).toEqual({ level: "ok", says: "2 of 2 statements of this checkout prepare on this database." });
  await look();
  await installed.database.query("ANALYZE; INSERT INTO users.trade_logs_0001 (message) VALUES ('x')");
  await look();
  expect(transactions).toBe(1);

  await installed.database.query("ALTER TABLE users.trades_0001 DROP COLUMN ticket_id");
  expect(await look()).toMatchObject({
    level: "fail",
    says: expect.stringMatching(
      /^1 of 2 statements of this checkout prepare on this database\. backend\/one\.py:\d+ needs users\.trades_0001\.ticket_id\.$/,
    ),
    objects: ["users.trades_0001.ticket_id"],
    remedy: { kind: "step", stepId: "apply-schema" },
    evidence: { asked: expect.stringContaining("SELECT ticket_id"), cameBack: expect.stringContaining("42703") },
  });
  expect(transactions).toBe(2);
  await installed.database.query("ALTER TABLE users.trades_0001 ADD ticket_id text");
  expect(await look()).toMatchObject({ level: "ok" });
  await installed.database.query(
    "REVOKE SELECT ON users.fills_0001 FROM rec_io_user; ALTER TABLE users.fills_0001 OWNER TO postgres",
  );
  expect(await look()).toMatchObject({ level: "fail", objects: ["users.fills_0001"] });

  reading = { statements: [statement("SELECT a FROM live_data.somewhere_else")], unread: [] };
  expect(await look()).toMatchObject({
    level: "fail",
    objects: ["live_data.somewhere_else"],
    remedy: { kind: "sentence", says: expect.stringContaining("26c9406") },
  });
  reading = {
    statements: [
      ...reading.statements,
      statement("CREATE TABLE", { kind: "definition", makes: "live_data.somewhere_else" }),
    ],
    unread: [],
  };
  expect(await look()).toMatchObject({ level: "warn", objects: ["live_data.somewhere_else"] });
});

test("A checkout with tables that nobody knows is refused before there is a database", () => {
  const known = statement('SELECT a FROM users.trades_0001 JOIN "live_data"."strike_table_btc" USING (id)');
  expect(judgeTables({ statements: [known], unread: [] })).toEqual({
    level: "ok",
    says: "Every table of the checkout's 1 SQL statements is known.",
  });
  const foreign = statement("INSERT INTO live_data.btc_strike_table (a) SELECT b FROM pg_catalog.pg_class");
  expect(judgeTables({ statements: [known, foreign], unread: [] })).toMatchObject({
    level: "fail",
    says: expect.stringContaining(`live_data.btc_strike_table (backend/one.py:${foreign.line})`),
    objects: ["live_data.btc_strike_table"],
  });
  expect(judgeTables({ statements: [], unread: [] })).toMatchObject({ level: "fail" });
});

test("Every statement of the real checkout prepares on our schema", async () => {
  const root = process.env.RECIO_CHECKOUT;
  test.skip(!root, "RECIO_CHECKOUT names no checkout of REC.IO");
  test.setTimeout(120_000);
  installed = await testInstallation();
  const state = mkdtempSync(join(tmpdir(), "statements-"));
  try {
    const machine = localMachine({ stateFolder: state });
    const checkout = recioCheckout({ root: root ?? "", machine, paths: statePaths(state) });
    const reading = await checkout.statements();
    expect(reading.unread).toEqual([]);
    expect(reading.statements.filter(({ kind }) => kind === "query").length).toBeGreaterThan(180);
    expect(await prepareStatements(installed.postgres, reading.statements)).toEqual([]);
    expect(judgeTables(reading).level).toBe("ok");
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});
