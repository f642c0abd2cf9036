import { join } from "node:path";
import { expect, test } from "playwright/test";
import type { Finding } from "../../engine/probe.ts";
import { hookLiveFolder } from "../../supervisor/program-environment.ts";
import { type HealthWorld, healthWorld, type Teller, testAnswers } from "../test-world.ts";
import { neededProofs } from "./proofs.ts";

let health: HealthWorld;
test.beforeEach(async () => {
  health = await healthWorld();
});
test.afterEach(() => health.end());

const forever = new AbortController().signal;

async function prove(id: string, signal = forever): Promise<Finding> {
  const question = neededProofs(testAnswers()).find((asked) => asked.question.id === id)?.question;
  if (question?.kind !== "proof") throw new Error(`no proof ${id}`);
  return question.prove(health.world, signal);
}

const one = async (text: string) => (await health.sql<{ n: unknown }>(text))[0]?.n;
const leftovers = async () =>
  Number(
    await one(
      "SELECT (SELECT count(*) FROM users.trades_0001) + (SELECT count(*) FROM users.active_trades_0001) + (SELECT count(*) FROM users.trade_logs_0001) AS n",
    ),
  );

/** trade_manager and main_app as they are when they work: every answer comes from the tables. */
const manager: Teller = async ({ method, path, body }) => {
  if (method === "GET") {
    const trades = await health.sql("SELECT * FROM users.trades_0001 ORDER BY id DESC");
    return { body: path === "/trades" ? trades : { trades } };
  }
  const [row] = await health.sql<{ id: number }>(
    "UPDATE users.trades_0001 SET status = $1 WHERE ticket_id = $2 RETURNING id",
    [body.status, body.ticket_id],
  );
  await health.sql(
    "INSERT INTO users.trade_logs_0001 (ticket_id, message, service) VALUES ($1, 'STATUS UPDATED', 'trade_manager')",
    [body.ticket_id],
  );
  return { body: { message: "Trade marked error", id: row?.id } };
};

const preferences: Teller = async ({ path, body }) => {
  if (path === "/api/set_position_size") {
    await health.sql(
      "UPDATE users.trade_preferences_0001 SET position_size = $1, updated_at = clock_timestamp() WHERE id = 1",
      [body.position_size],
    );
    return { body: { status: "ok" } };
  }
  if (path === "/api/set_trade_history_preferences") {
    await health.sql(
      "UPDATE users.trade_history_preferences_0001 SET page_size = $1, updated_at = clock_timestamp() WHERE id = 1",
      [body.page_size],
    );
    return { body: { status: "ok", preferences: body } };
  }
  const table = path === "/api/get_trade_preferences" ? "trade_preferences_0001" : "trade_history_preferences_0001";
  return { body: (await health.sql(`SELECT * FROM users.${table} WHERE id = 1`))[0] };
};

test("trade_manager that works is proven, and nothing of the canary is left", async () => {
  await health.program("trade_manager", manager);
  expect(await prove("trade-manager-works")).toMatchObject({ level: "ok" });
  expect(await leftovers()).toBe(0);
});

test("trade_manager that answers 200 with an empty list, or says that it stored and did not, has failed", async () => {
  await health.program("trade_manager", (asked) => (asked.method === "GET" ? { body: [] } : manager(asked)));
  expect(await prove("trade-manager-works")).toMatchObject({ level: "fail", objects: ["users.trades_0001"] });
  await health.program("trade_manager", (asked) =>
    asked.method === "GET" ? manager(asked) : { body: { message: "Trade marked error", id: 1 } },
  );
  expect(await prove("trade-manager-works")).toMatchObject({ level: "fail", objects: ["users.trades_0001.status"] });
  await health.program("trade_manager", async (asked) => {
    const told = await manager(asked);
    await health.sql("DELETE FROM users.trade_logs_0001");
    return told;
  });
  expect(await prove("trade-manager-works")).toMatchObject({ level: "fail", objects: ["users.trade_logs_0001"] });
  expect(await leftovers()).toBe(0);
});

test("a program that does not answer has failed, with the remedy to start it", async () => {
  expect(await prove("trade-manager-works")).toMatchObject({ level: "fail", remedy: { stepId: "start-services" } });
  expect(await leftovers()).toBe(0);
});

test("main_app is proven by a row that was written a moment ago, not by an answer of 200", async () => {
  await health.program("main_app", manager);
  expect(await prove("main-app-reads")).toMatchObject({ level: "ok" });
  await health.program("main_app", () => ({ body: { trades: [] } }));
  expect(await prove("main-app-reads")).toMatchObject({ level: "fail" });
  await health.program("main_app", () => ({ body: { trades: [{ id: 1, ticket_id: "TICKET-1" }] } }));
  expect(await prove("main-app-reads")).toMatchObject({ level: "fail" });
  expect(await leftovers()).toBe(0);
});

test("active_trade_supervisor is proven by a row that comes and goes", async () => {
  const honest: Teller = async ({ method, body }) => {
    if (method === "GET") {
      const active_trades = await health.sql("SELECT * FROM users.active_trades_0001");
      return { body: { status: "success", active_trades, count: active_trades.length } };
    }
    if (body.status === "pending")
      await health.sql(
        "INSERT INTO users.active_trades_0001 (trade_id, ticket_id, ticker, status) SELECT id, ticket_id, ticker, 'pending' FROM users.trades_0001 WHERE id = $1 AND status = 'pending'",
        [body.trade_id],
      );
    else await health.sql("DELETE FROM users.active_trades_0001 WHERE trade_id = $1", [body.trade_id]);
    return { body: { success: true, status: "success" } };
  };
  await health.program("active_trade_supervisor", honest);
  expect(await prove("active-trade-supervisor-works")).toMatchObject({ level: "ok" });
  await health.program("active_trade_supervisor", ({ method }) => ({
    body: method === "GET" ? { status: "success", active_trades: [], count: 0 } : { success: true },
  }));
  expect(await prove("active-trade-supervisor-works")).toMatchObject({
    level: "fail",
    objects: ["users.active_trades_0001"],
  });
  await health.program("active_trade_supervisor", (asked) =>
    asked.body.status === "deleted" ? { body: { success: true } } : honest(asked),
  );
  expect(await prove("active-trade-supervisor-works")).toMatchObject({ level: "fail" });
  expect(await leftovers()).toBe(0);
});

test("with the order lock, main_app is proven by position_size, and the person's own value is back", async () => {
  await health.sql("UPDATE users.trade_preferences_0001 SET position_size = 3, multiplier = 4");
  await health.program("main_app", preferences);
  const finding = await prove("main-app-stores");
  expect(finding).toMatchObject({ level: "ok" });
  expect(finding.says).toContain("position_size");
  expect(await health.sql("SELECT position_size, multiplier FROM users.trade_preferences_0001")).toEqual([
    { position_size: 3, multiplier: 4 },
  ]);
});

test("main_app that shows defaults, or says ok and stores nothing, has failed, and names the column", async () => {
  await health.program("main_app", (asked) =>
    asked.method === "GET"
      ? { body: { trade_strategy: "Hourly HTC", position_size: 1, multiplier: 1 } }
      : preferences(asked),
  );
  expect(await prove("main-app-stores")).toMatchObject({
    level: "fail",
    objects: ["users.trade_preferences_0001.position_size"],
  });
  await health.program("main_app", (asked) =>
    asked.method === "GET" ? preferences(asked) : { body: { status: "ok" } },
  );
  const finding = await prove("main-app-stores");
  expect(finding).toMatchObject({ level: "fail", objects: ["users.trade_preferences_0001.position_size"] });
  expect(finding.says).toContain("says it stored");
  expect(await one("SELECT position_size AS n FROM users.trade_preferences_0001")).toBe(1);
});

test("a dropped column is a failure that is named as schema, table and column", async () => {
  await health.sql("ALTER TABLE users.trade_preferences_0001 DROP COLUMN position_size");
  await health.program("main_app", () => ({ body: { trade_strategy: "Hourly HTC", position_size: 1, multiplier: 1 } }));
  expect(await prove("main-app-stores")).toMatchObject({
    level: "fail",
    objects: ["users.trade_preferences_0001.position_size"],
    remedy: { stepId: "apply-schema" },
  });
});

test("while trading is released the size of orders is not touched: another preference proves it", async () => {
  await health.sql("UPDATE order_lock.permit SET orders = 'manual'");
  await health.program("main_app", preferences);
  const before = await health.sql("SELECT * FROM users.trade_preferences_0001");
  const finding = await prove("main-app-stores");
  expect(finding).toMatchObject({ level: "ok" });
  expect(finding.says).toContain("left alone, for trading is released");
  expect(await health.sql("SELECT * FROM users.trade_preferences_0001")).toEqual(before);
  expect(await one("SELECT page_size AS n FROM users.trade_history_preferences_0001")).toBe(50);
});

test("the order gate is asked without leaving a record, and refuses what the permit does not allow", async () => {
  health.up("trade_executor", 100);
  await health.program("trade_executor", ({ host }) =>
    host.startsWith("127.0.0.1")
      ? { body: { status: "healthy", service: "trade_executor" } }
      : { status: 421, body: { error: "This address is answered only as localhost." } },
  );
  expect(await prove("trade-executor-works")).toMatchObject({
    level: "fail",
    says: expect.stringContaining("left no word"),
  });
  const word = (patched: string[], pid = 4711) =>
    health.world.machine.files.write(
      join(hookLiveFolder(health.world.paths), "trade_executor.json"),
      JSON.stringify({ pid, startedAt: 0, patched, databaseAt: null }),
      0o600,
    );
  await health.world.machine.files.makeFolder(hookLiveFolder(health.world.paths), 0o700);
  await word(["psycopg2", "requests.sessions", "requests.adapters"], 4712);
  expect(await prove("trade-executor-works")).toMatchObject({
    level: "fail",
    says: expect.stringContaining("process 4712"),
  });
  await word(["psycopg2"]);
  expect(await prove("trade-executor-works")).toMatchObject({
    level: "fail",
    says: expect.stringContaining("order gate is not in"),
  });
  await word(["psycopg2", "requests.sessions", "requests.adapters"]);
  const finding = await prove("trade-executor-works");
  expect(finding).toMatchObject({ level: "ok", says: expect.stringContaining("refuses 2 of 4") });
  await health.sql("DELETE FROM order_lock.permit");
  expect(await prove("trade-executor-works")).toMatchObject({
    level: "ok",
    says: expect.stringContaining("refuses 4 of 4"),
  });
  expect(await one("SELECT count(*)::int AS n FROM order_lock.order_attempt")).toBe(0);
});

test("a gate that lets everything through is seen", async () => {
  health.up("trade_executor", 100);
  await health.program("trade_executor", ({ host }) =>
    host.startsWith("127.0.0.1")
      ? { body: { status: "healthy", service: "trade_executor" } }
      : { status: 421, body: {} },
  );
  await health.world.machine.files.makeFolder(hookLiveFolder(health.world.paths), 0o700);
  await health.world.machine.files.write(
    join(hookLiveFolder(health.world.paths), "trade_executor.json"),
    JSON.stringify({ pid: 4711, patched: ["requests.sessions", "requests.adapters"] }),
    0o600,
  );
  await health.sql(
    "CREATE OR REPLACE FUNCTION order_lock.may_send(kind text, how text, ticket text, payload text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
  );
  expect(await prove("trade-executor-works")).toMatchObject({ level: "fail", remedy: { stepId: "hold-new-orders" } });
});
