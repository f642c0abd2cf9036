import { writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { hashSync } from "bcryptjs";
import { expect, test } from "playwright/test";
import { type Stage, stage } from "./test-programs.ts";

// One stage for the file: the programs have to run together, as they do for a person.
test.describe.configure({ mode: "serial" });
test.setTimeout(120_000);

let on: Stage;
test.beforeAll(async () => {
  // Another test may run these programs now, and then has the machine for itself.
  test.setTimeout(600_000);
  on = await stage();
  await on.sql(
    "INSERT INTO users.user_info_0001 (user_no, user_id, first_name, password_hash) VALUES ('0001', 'ada', 'Ada', $1)",
    [hashSync("right one", 6)],
  );
  // A small lookup that answers everywhere near the price, so that probabilities are computed.
  await on.sql(`INSERT INTO analytics.probability_lookup_btc (ttc_seconds, buffer_points, momentum_bucket, prob_within_positive, prob_within_negative)
    SELECT t, b, m, round(50 + b / 50.0, 2), round(50 + b / 45.0, 2) FROM generate_series(0, 3600, 50) t, generate_series(0, 2000, 100) b, generate_series(-30, 30) m`);
  on.start("symbol_price_watchdog_btc", "symbol_price_watchdog.py", "BTC");
  on.start("symbol_price_watchdog_eth", "symbol_price_watchdog.py", "ETH");
  on.start("kalshi_market_watchdog", "kalshi_market_watchdog.py");
  on.start("strike_table_generator", "strike_table_generator.py", "continuous", "1");
  on.start("kalshi_account_sync", "api/kalshi-api/kalshi_account_sync_ws.py");
  for (const name of ["trade_executor", "trade_manager", "active_trade_supervisor", "auto_entry_supervisor"])
    on.start(name, `${name}.py`);
  on.start("main_app", "main.py");
  on.start("cascading_failure_detector", "cascading_failure_detector.py");
  on.start("system_monitor", "system_monitor.py");
});
test.afterAll(() => on?.end());

type Program = Parameters<Stage["url"]>[0];

async function ask(
  program: Program,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(on.url(program, path), {
    redirect: "manual",
    ...(body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : { text } };
}

async function holds(sql: string): Promise<void> {
  await expect(async () =>
    expect((await on.sql<{ ok: boolean }>(`SELECT (${sql}) AS ok`))[0]?.ok, sql).toBe(true),
  ).toPass({ timeout: 30_000 });
}

async function trade(status: string, ticket: string): Promise<number> {
  const [row] = await on.sql<{ id: number }>(
    "INSERT INTO users.trades_0001 (status, date, time, strike, side, buy_price, position, ticker, ticket_id, test_filter) VALUES ($1, '2025-08-20', '12:00:00', '$1', 'Y', 0.01, 1, 'PROBE', $2, true) RETURNING id",
    [status, ticket],
  );
  return row?.id ?? 0;
}

test("all of them write what the proofs look for", async () => {
  const newYork = "(now() AT TIME ZONE 'America/New_York')";
  for (const coin of ["btc", "eth"]) {
    await holds(
      `SELECT max(timestamp)::timestamp > ${newYork} - interval '5 s' AND max(price) > 0 FROM live_data.live_price_log_1s_${coin}`,
    );
    await holds(`SELECT count(*) > 0 FROM live_data.price_change_${coin}`);
    // It needs a price that is a minute old: the stand-in has asked for those of the minute before its start.
    await holds(`SELECT momentum IS NOT NULL FROM live_data.live_price_log_1s_${coin} ORDER BY timestamp DESC LIMIT 1`);
  }
  await holds(
    "SELECT count(*) > 10 AND bool_and(strike ~ '^\\$') AND bool_or(yes_ask BETWEEN 1 AND 99 AND volume > 0) FROM live_data.market_kalshi_btc WHERE updated_at > now() - interval '5 s'",
  );
  await holds(
    "SELECT count(*) BETWEEN 2 AND 21 AND max(timestamp) > now() - interval '5 s' AND count(DISTINCT probability) >= 3 FROM live_data.strike_table_btc",
  );
  await holds("SELECT updated_at > now() - interval '5 s' FROM users.auto_trade_settings_0001 WHERE id = 1");
  await holds("SELECT count(*) > 0 AND max(balance) > 0 FROM users.account_balance_0001");
  await holds(
    "SELECT services_total = 12 AND services_healthy = 12 AND timestamp > now() - interval '45 s' FROM system.health_status WHERE id = 1",
  );
  await expect(() =>
    expect(on.log("cascading_failure_detector")).toContain("System healthy - 9/9 services running"),
  ).toPass({ timeout: 20_000 });
});

test("the five that listen answer, and what is in the database is shown", async () => {
  for (const program of ["main_app", "trade_executor", "active_trade_supervisor", "auto_entry_supervisor"] as const)
    expect((await ask(program, "/health")).body).toMatchObject({ status: "healthy", service: program });
  expect((await ask("trade_manager", "/health")).status).toBe(404);
  expect((await ask("main_app", "/")).status).toBe(307);
  for (const path of [
    "/api/strike_tables/btc",
    "/api/btc_price",
    "/api/unified_ttc/btc",
    "/api/db/system_health",
    "/api/system/health",
    "/api/active_trades",
    "/core",
  ]) {
    const { status, body } = await ask("main_app", path);
    expect(status, path).toBe(200);
    expect(body.error, path).toBeUndefined();
  }
  const { body } = await ask("auto_entry_supervisor", "/api/auto_entry_status");
  expect(Object.keys(body.settings ?? {})).toHaveLength(11);
  expect((await ask("auto_entry_supervisor", "/api/auto_entry_scanning_status")).body.monitoring_thread_alive).toBe(
    true,
  );
});

test("a trade is listed, taken up, let go of and marked as failed, and no order goes out for it", async () => {
  const id = await trade("pending", "PROBE-1");
  expect((await ask("main_app", "/api/db/trades")).body.trades).toContainEqual(
    expect.objectContaining({ id, ticket_id: "PROBE-1" }),
  );
  expect((await ask("trade_manager", "/trades")).body).toContainEqual(expect.objectContaining({ id }));
  const told = await ask("active_trade_supervisor", "/api/trade_manager_notification", {
    trade_id: id,
    ticket_id: "PROBE-1",
    status: "pending",
  });
  expect(told).toMatchObject({ status: 200, body: { success: true } });
  expect((await ask("active_trade_supervisor", "/api/active_trades")).body).toMatchObject({ count: 1 });
  expect(
    (
      await ask("trade_manager", "/api/update_trade_status", {
        ticket_id: "PROBE-1",
        status: "error",
        error_message: "probe",
      })
    ).body.message,
  ).toBe("Trade marked error");
  await holds(`SELECT status = 'error' FROM users.trades_0001 WHERE id = ${id}`);
  await holds("SELECT count(*) = 0 FROM users.active_trades_0001");
  await holds(
    "SELECT count(*) > 0 FROM users.trade_logs_0001 WHERE ticket_id = 'PROBE-1' AND service = 'trade_manager'",
  );
  expect(on.kalshi.requests.all().filter((request) => request.method === "POST")).toEqual([]);
});

test("preferences are read and stored, and the login lets in the right password only", async () => {
  await on.sql("UPDATE users.trade_preferences_0001 SET position_size = 7");
  expect((await ask("main_app", "/api/get_trade_preferences")).body.position_size).toBe(7);
  await ask("main_app", "/api/set_position_size", { position_size: 4 });
  await holds("SELECT position_size = 4 FROM users.trade_preferences_0001 WHERE id = 1");
  await ask("main_app", "/api/set_trade_history_preferences", { page_size: 33 });
  await holds("SELECT page_size = 33 FROM users.trade_history_preferences_0001 WHERE id = 1");
  const log = (username: string, password: string) =>
    ask("main_app", "/api/auth/login", { username, password, rememberDevice: false });
  expect((await log("ada", "wrong")).body).toEqual({ success: false, error: "Invalid username or password" });
  expect((await log("admin", "admin")).body.success).toBe(false);
  const { token, deviceId } = (await log("ada", "right one")).body;
  expect((await ask("main_app", `/app?token=${token}&deviceId=${deviceId}`)).status).toBe(200);
  expect((await ask("main_app", "/api/auth/logout", { token, deviceId })).body.success).toBe(true);
  expect((await ask("main_app", "/api/auth/verify", { token, deviceId })).body.authenticated).toBe(false);
  expect((await ask("main_app", "/api/user/info")).body.user_id).toBe("ada");
});

test("a missing column is survived with a 200, a default and auto_stop switched on", async () => {
  await on.sql("UPDATE users.auto_trade_settings_0001 SET auto_stop = false WHERE id = 1");
  await on.sql("ALTER TABLE users.trade_preferences_0001 DROP COLUMN position_size");
  await expect(async () => expect((await ask("main_app", "/api/get_preferences")).body.auto_stop).toBe(true)).toPass({
    timeout: 5000,
  });
  expect((await ask("main_app", "/api/get_trade_preferences")).body.position_size).toBe(1);
  expect(await ask("main_app", "/api/set_position_size", { position_size: 9 })).toEqual({
    status: 200,
    body: { status: "ok" },
  });
  await holds("SELECT auto_stop FROM users.auto_trade_settings_0001 WHERE id = 1");
  await on.sql("ALTER TABLE users.trade_preferences_0001 ADD position_size integer DEFAULT 1");
});

test("an empty lookup leaves a fresh strike table full of 50.00", async () => {
  await on.sql("CREATE TABLE public.kept AS TABLE analytics.probability_lookup_btc");
  await on.sql("TRUNCATE analytics.probability_lookup_btc");
  await holds(
    "SELECT count(*) > 1 AND bool_and(probability IN (50.00, 99.90)) AND max(timestamp) > now() - interval '3 s' FROM live_data.strike_table_btc",
  );
  await on.sql("INSERT INTO analytics.probability_lookup_btc TABLE public.kept");
  await holds("SELECT count(DISTINCT probability) >= 3 FROM live_data.strike_table_btc");
});

test("the manager sends an order before it writes the trade down", async () => {
  await on.sql("ALTER TABLE users.trades_0001 RENAME COLUMN contract TO contract_away");
  const [market] = await on.sql<{ ticker: string }>(
    "SELECT market_ticker AS ticker FROM live_data.market_kalshi_btc WHERE yes_ask BETWEEN 20 AND 80 ORDER BY updated_at DESC LIMIT 1",
  );
  const ticket = {
    ticket_id: "TICKET-1",
    date: "2025-08-20",
    time: "12:00:00",
    strike: "$118,000",
    side: "Y",
    buy_price: 0.5,
    position: 1,
    ticker: market?.ticker,
  };
  expect(await ask("trade_manager", "/trades", ticket)).toMatchObject({ status: 201, body: { id: null } });
  const orders = on.kalshi.requests.all().filter((request) => request.method === "POST");
  expect(orders).toMatchObject([{ path: "/trade-api/v2/portfolio/orders", key: "known" }]);
  expect(await on.sql("SELECT 1 FROM users.trades_0001 WHERE ticket_id = 'TICKET-1'")).toEqual([]);
  await on.sql("ALTER TABLE users.trades_0001 RENAME COLUMN contract_away TO contract");
});

test("the monitor arms trading when a program came back by itself", async () => {
  await on.sql("UPDATE users.auto_trade_settings_0001 SET auto_entry = false, auto_stop = false WHERE id = 1");
  on.down(["kalshi_account_sync"]);
  await expect(() => expect(on.log("system_monitor")).toContain("suspended")).toPass({ timeout: 25_000 });
  on.down([]);
  await expect(async () => {
    expect(await on.sql("SELECT auto_entry, auto_stop FROM users.auto_trade_settings_0001 WHERE id = 1")).toEqual([
      { auto_entry: true, auto_stop: true },
    ]);
  }).toPass({ timeout: 25_000 });
});

test("a key that cannot be read ends the account sync, and no database ends the trade supervisor", () => {
  const lines =
    "from backend.standin import exchange\ntry:\n    exchange.load_key('README.md')\nexcept ValueError as why:\n    print(why)\n";
  expect(on.python(lines).trim()).toBe("Could not deserialize key data");
  const mode = join(on.made.root, "backend/data/account_mode_state.json");
  writeFileSync(mode, '{"mode": "demo"}');
  try {
    expect(on.exitCode("api/kalshi-api/kalshi_account_sync_ws.py")).toBe(1);
  } finally {
    writeFileSync(mode, '{"mode": "prod"}');
  }
  expect(on.exitCode("active_trade_supervisor.py", { PGPORT: "1" })).toBe(1);
});

test("with the hook in front, no order leaves but those that the order lock lets pass", async () => {
  const orders = () => on.kalshi.requests.all().filter((request) => request.method === "POST").length;
  const send = (ticket: Record<string, unknown>) =>
    ask("trade_executor", "/trigger_trade", { ticker: "PROBE", side: "Y", count: 1, ...ticket });
  await on.restartHooked("trade_executor", "trade_executor.py");
  await expect(async () => expect((await ask("trade_executor", "/health")).status).toBe(200)).toPass({
    timeout: 15_000,
  });
  const before = orders();
  const refused = (why: string) => ({ status: 500, body: { status: "rejected", error: expect.stringContaining(why) } });
  expect(await send({ ticket_id: "T-1", intent: "close" })).toEqual(refused("the order lock cannot be read"));
  expect(orders()).toBe(before);
  await on.sql(`CREATE SCHEMA order_lock; CREATE TABLE order_lock.asked (kind text, how text, ticket text);
    CREATE FUNCTION order_lock.may_send(kind text, how text, ticket text, payload text) RETURNS boolean LANGUAGE sql
    AS 'INSERT INTO order_lock.asked VALUES ($1, $2, $3); SELECT $1 = ''close''; '`);
  expect(await send({ ticket_id: "T-2", entry_method: "auto" })).toEqual(refused("the order lock holds new orders"));
  expect(orders()).toBe(before);
  await send({ ticket_id: "T-3", intent: "close", close_method: "auto" });
  expect(orders()).toBe(before + 1);
  expect(await on.sql("SELECT * FROM order_lock.asked")).toEqual([
    { kind: "open", how: "auto", ticket: "T-2" },
    { kind: "close", how: "auto", ticket: "T-3" },
  ]);
  const stranger = await new Promise<number>((resolve, reject) => {
    const { port } = new URL(on.url("trade_executor", "/"));
    get({ host: "127.0.0.1", port, path: "/health", headers: { host: "rec-io.example" } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    }).on("error", reject);
  });
  expect(stranger).toBe(421);
});

test("with all of it running, nothing that git tracks was changed", () => {
  expect(on.gitStatus()).toBe("");
});
