import { expect, test } from "playwright/test";
import { testAnswers } from "../test-world.ts";
import { judgeAccountSync } from "./feeds/account-sync.ts";
import { judgeQuote } from "./feeds/price-watchdog.ts";
import { judgeGenerator } from "./feeds/strike-table-generator.ts";
import { priceIn } from "./means/quote.ts";
import { neededProofs, requiredProofs } from "./proofs.ts";
import { judgeAutoEntry } from "./trading/auto-entry-supervisor.ts";
import { hashKind, judgeBypass, judgeLogin, type LoginFacts, loginAnswer } from "./trading/main-app-login.ts";
import { type ExecutorFacts, judgeExecutor, mustBeAllowed } from "./trading/trade-executor.ts";
import { judgeDetector, lastVerdict } from "./watchers/cascading-failure-detector.ts";
import { judgeSystemMonitor } from "./watchers/system-monitor.ts";

const known = <T>(facts: T) => ({ facts });

const login: LoginFacts = {
  wrongPassword: "refused",
  admin: "refused",
  knowsPerson: "yes",
  hash: "bcrypt",
  bcryptChecks: true,
};

test("a login is proven without the password, and says that the right one was not tried", () => {
  expect(judgeLogin(login)).toMatchObject({ level: "ok", says: expect.stringContaining("it was not tried") });
});

test("every way in which a login can be open or shut for everybody is a failure", () => {
  const open: Partial<LoginFacts>[] = [
    { admin: "let in" },
    { wrongPassword: "let in" },
    { knowsPerson: "admin" },
    { knowsPerson: "somebody else" },
    { hash: "fallback" },
    { hash: "other" },
    { hash: "none" },
    // A bcrypt row without bcrypt refuses the wrong password, and the right one too.
    { bcryptChecks: false },
    { wrongPassword: { error: "Authentication error" } },
    { right: { login: "refused", app: 0, loggedOut: false } },
    { right: { login: "let in", app: 307, loggedOut: true } },
    { right: { login: "let in", app: 200, loggedOut: false } },
  ];
  for (const change of open) expect(judgeLogin({ ...login, ...change }).level, JSON.stringify(change)).toBe("fail");
  expect(judgeLogin({ ...login, right: { login: "let in", app: 200, loggedOut: true } }).level).toBe("ok");
});

test("only the one regular refusal is a refusal, and only a whole bcrypt hash is one", () => {
  expect(loginAnswer({ success: true, token: "t" })).toBe("let in");
  expect(loginAnswer({ success: false, error: "Invalid username or password" })).toBe("refused");
  expect(loginAnswer({ success: false, error: "Authentication error" })).toEqual({ error: "Authentication error" });
  expect(loginAnswer("<html>")).toEqual({ error: "an answer without success" });
  expect(hashKind(`$2b$12$${"a".repeat(53)}`)).toBe("bcrypt");
  expect(hashKind("$2b$12$short")).toBe("other");
  expect(hashKind("fallback_hash_secret")).toBe("fallback");
  expect(hashKind(null)).toBe("none");
});

test("the login's finding repeats neither password nor name", () => {
  const text = JSON.stringify([judgeLogin(login), judgeLogin({ ...login, hash: "fallback" })]);
  expect(text).not.toContain("canary_owner");
  expect(text).not.toContain("secret");
});

test("a checkout that takes any local_dev_ token is named as such", () => {
  expect(judgeBypass(true).level).toBe("warn");
  expect(judgeBypass(false).level).toBe("ok");
});

const gate = (orders: string | null) =>
  (["open", "close"] as const).flatMap((kind) =>
    (["manual", "auto"] as const).map((how) => ({ kind, how, allowed: mustBeAllowed(orders, { kind, how }) })),
  );
const executor: ExecutorFacts = {
  health: { status: "healthy", service: "trade_executor" },
  pid: 10,
  listensOn: ["127.0.0.1"],
  foreignHost: 421,
  hook: { pid: 10, patched: ["psycopg2", "requests.sessions", "requests.adapters"] },
  orders: "close-only",
  gate: gate("close-only"),
};

test("a constant /health proves nothing about the order gate", () => {
  expect(judgeExecutor(executor).level).toBe("ok");
  const { hook: _hook, ...bare } = executor;
  expect(judgeExecutor(bare).level).toBe("fail");
  for (const change of [
    { hook: { pid: 9, patched: ["requests.sessions", "requests.adapters"] } },
    { hook: { pid: 10, patched: ["requests.sessions"] } },
    { listensOn: ["0.0.0.0"] },
    { foreignHost: 200 },
    { health: { status: "healthy", service: "main_app" } },
    { gate: gate("all") },
    { gate: gate("none") },
    { orders: null },
  ] satisfies Partial<ExecutorFacts>[])
    expect(judgeExecutor({ ...executor, ...change }).level, JSON.stringify(change)).toBe("fail");
});

test("the gate refuses what its mode says, in all four modes and without a permit", () => {
  const allowed = (orders: string | null) => gate(orders).map((answer) => answer.allowed);
  expect(allowed("none")).toEqual([false, false, false, false]);
  expect(allowed("close-only")).toEqual([false, false, true, true]);
  expect(allowed("manual")).toEqual([true, false, true, true]);
  expect(allowed("all")).toEqual([true, true, true, true]);
  expect(allowed(null)).toEqual([false, false, false, false]);
});

const autoEntry = {
  row: known({ ageSeconds: 1, status: "DISABLED", enabled: false, minProbability: 95 }),
  watchlist: known({ rows: 0, event: null, probability: null }),
  settings: 11,
  minProbability: 95,
  enabled: false,
  threadAlive: true,
};

test("automated entry with empty settings, other settings or a dead thread has failed, whatever /health says", () => {
  expect(judgeAutoEntry(autoEntry).level).toBe("ok");
  for (const change of [
    { settings: 0, minProbability: undefined },
    { minProbability: 90 },
    // It was switched on behind our back, or it reads another database.
    { enabled: true },
    { threadAlive: false },
    { row: known(null) },
    { row: known({ ...autoEntry.row.facts, ageSeconds: 6 }) },
    { watchlist: { unreadable: "relation does not exist", reads: [] } },
  ])
    expect(judgeAutoEntry({ ...autoEntry, ...change } as typeof autoEntry).level, JSON.stringify(change)).toBe("fail");
});

const account = {
  balances: 1,
  balance: 123_456,
  ageSeconds: 30,
  positions: 0,
  positionsWithoutNumbers: 0,
  fills: 0,
  fillsWithoutNumbers: 0,
};
const sync = (own: Parameters<typeof judgeAccountSync>[1], changes: Partial<typeof account> = {}, up = 60) =>
  judgeAccountSync({ account: known({ ...account, ...changes }), upForSeconds: up }, own);

test("the stored balance must be the one that Kalshi tells us, and no amount is said", () => {
  expect(sync({ cents: 123_456 }).level).toBe("ok");
  expect(sync({ cents: 123_457 }).level).toBe("fail");
  expect(sync({ cents: 123_457 }, { ageSeconds: 7200 }, 7300)).toMatchObject({ level: "warn", label: "checkout" });
  expect(sync({ notHad: "Kalshi answers 503.", theirFault: true })).toMatchObject({ level: "warn", label: "exchange" });
  expect(sync({ notHad: "Kalshi answers 401.", theirFault: false }).level).toBe("unknown");
  for (const finding of [sync({ cents: 123_456 }), sync({ cents: 999 })])
    expect(JSON.stringify(finding)).not.toMatch(/123.?456|999/);
});

test("a balance beyond the precision of REC.IO's column is compared with that precision", () => {
  const cents = 1_234_567_891;
  expect(sync({ cents }, { balance: Math.fround(cents) }).level).toBe("ok");
});

const table = {
  rows: 21,
  ageSeconds: 1,
  distinctProbabilities: 17,
  defaults: 0,
  withAsks: 21,
  event: "E",
  price: 118_000,
  momentum: 0.03,
  ttcSeconds: 1802,
};
const strikes = {
  table: known(table),
  lookup: known({ answers: true }),
  markets: known({
    event: "E",
    secondsIntoHour: 900,
    rows: 50,
    ageSeconds: 1,
    withStrike: 50,
    priced: 30,
    zeros: 0,
    previousAgeSeconds: null,
    newestEvent: "E",
  }),
  price: 118_000,
  upForSeconds: 900,
  withoutData: false,
};

test("a probability that the lookup table does not give is a failure, though the table looks alive", () => {
  const again = (theirs: number, ...ours: number[]) => judgeGenerator(strikes, { what: "a strike", theirs, ours });
  expect(again(74.65, 74.648)).toMatchObject({
    level: "ok",
    says: expect.stringContaining("74.65 % computed again as 74.65 %"),
  });
  expect(again(74.65, 71, 74.652).level).toBe("ok");
  expect(again(74.65, 74.7).level).toBe("fail");
  expect(again(74.65).level).toBe("fail");
  expect(judgeGenerator(strikes, undefined).level).toBe("unknown");
});

test("where the exchange leaves the table empty, the calculator alone still has to be right", () => {
  const empty = {
    ...strikes,
    table: known({ ...table, rows: 0, ageSeconds: null }),
    markets: known({ ...strikes.markets.facts, withStrike: 0 }),
  };
  expect(judgeGenerator(empty, { what: "alone", theirs: 93.71, ours: [93.71] })).toMatchObject({
    level: "warn",
    label: "exchange",
  });
  expect(judgeGenerator(empty, { what: "alone", theirs: 50, ours: [93.71] }).level).toBe("fail");
});

const row = { ageSeconds: 5, overall: "healthy", healthy: 1, total: 1, failed: [] };
const monitor = { row: known(row), supervised: ["main_app"], without: [], upForSeconds: 900 };

test("a health record whose columns stand in another order is seen through main_app", () => {
  expect(judgeSystemMonitor(monitor, { overall: "healthy", healthy: 1, total: 1 }).level).toBe("ok");
  expect(judgeSystemMonitor(monitor, { overall: "12.50", healthy: "running", total: null })).toMatchObject({
    level: "fail",
    objects: ["system.health_status"],
  });
  expect(judgeSystemMonitor(monitor, { overall: "healthy", healthy: 1, total: 12 }).level).toBe("fail");
});

const once = { database: true, files: true, level: "none", healthy: ["main_app"], ill: [] as string[] };
const detector = {
  once,
  verdict: { level: "healthy", healthy: 1, total: 1 },
  upForSeconds: 900,
  without: [] as string[],
};

test("the detector has to check, and its own loop has to have said so", () => {
  expect(judgeDetector(detector).level).toBe("ok");
  const { verdict: _verdict, ...silent } = detector;
  expect(judgeDetector(silent).level).toBe("fail");
  expect(judgeDetector({ ...silent, upForSeconds: 5 }).level).toBe("warn");
  for (const change of [{ database: false }, { files: false }, { level: "catastrophic" }, { ill: ["main_app"] }])
    expect(judgeDetector({ ...detector, once: { ...once, ...change } }).level, JSON.stringify(change)).toBe("fail");
  expect(
    judgeDetector({ ...detector, once: { ...once, ill: ["kalshi_account_sync"] }, without: ["kalshi_account_sync"] })
      .level,
  ).toBe("ok");
  expect(judgeDetector({ ...detector, verdict: { level: "catastrophic", healthy: 0, total: 9 } }).level).toBe("fail");
});

test("the last verdict in the detector's log counts", () => {
  expect(
    lastVerdict("🔴 System catastrophic - 0/9 services running\n🟢 System healthy - 9/9 services running\n"),
  ).toEqual({ level: "healthy", healthy: 9, total: 9 });
  expect(lastVerdict("Starting Cascading Failure Detector")).toBeUndefined();
});

test("a price is compared with another source within 2 %, and without one nothing is claimed", () => {
  expect(judgeQuote("btc", 118_000, { price: 116_000, from: "Coinbase" }).level).toBe("ok");
  expect(judgeQuote("btc", 118_000, { price: 115_000, from: "Coinbase" }).level).toBe("fail");
  expect(judgeQuote("btc", 118_000, { notHad: "Coinbase does not answer" }).level).toBe("unknown");
  expect(judgeQuote("btc", null, { price: 118_000, from: "Coinbase" }).level).toBe("unknown");
  expect(priceIn({ price: "77668.92", time: "x" })).toBe(77_668.92);
  expect(
    priceIn({
      error: [],
      result: {
        XXBTZUSD: [
          [1, "1", "2", "3", "77001.5"],
          [2, "1", "2", "3", "77002.5"],
        ],
        last: 2,
      },
    }),
  ).toBe(77_002.5);
  for (const body of [{}, null, "<html>", { price: "0" }, { result: { last: 1 } }, { price: "x" }])
    expect(priceIn(body), JSON.stringify(body)).toBeUndefined();
});

test("all twelve programs have a proof that installed needs, feeds first and system_monitor last", () => {
  const keyed = testAnswers({
    kalshi: { kind: "key", environment: "demo", keyId: "a952bcbe-ec3b-4b5b-b8f9-11dae589608c" },
  });
  const programs = [...new Set(requiredProofs(keyed).map((proof) => proof.program))];
  expect(programs).toEqual([
    "symbol_price_watchdog_btc",
    "symbol_price_watchdog_eth",
    "kalshi_market_watchdog",
    "strike_table_generator",
    "kalshi_account_sync",
    "trade_executor",
    "trade_manager",
    "active_trade_supervisor",
    "auto_entry_supervisor",
    "main_app",
    "cascading_failure_detector",
    "system_monitor",
  ]);
  const ids = neededProofs(keyed).map(({ question }) => question.id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a program that the person went without is a lasting warn that nobody is asked for", async () => {
  const answers = testAnswers({ consent: { systemPackages: false, goOnWithout: ["trade_manager"] } });
  const asked = neededProofs(answers).find(({ question }) => question.id === "trade-manager-works");
  expect(asked?.need).toBe("no");
  if (asked?.question.kind !== "proof") throw new Error("not a proof");
  expect(await asked.question.prove({} as never, new AbortController().signal)).toMatchObject({
    level: "warn",
    label: "checkout",
  });
  const without = neededProofs(testAnswers()).find(({ question }) => question.id === "account-sync-works");
  expect(without?.need).toBe("no");
});
