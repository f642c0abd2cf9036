import { expect, test } from "playwright/test";
import { judgeAutoEntry } from "./auto-entry-supervisor.ts";
import { hashKind, judgeBypass, judgeLogin, type LoginFacts, loginAnswer } from "./main-app-login.ts";
import { type ExecutorFacts, judgeExecutor, mustBeAllowed } from "./trade-executor.ts";

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
