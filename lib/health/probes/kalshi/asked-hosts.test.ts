import { expect, test } from "playwright/test";
import { answers as answersSchema } from "../../../install/answers.ts";
import { questionsFor } from "../../../install/plan.ts";
import { readSettings } from "../../../settings.ts";
import {
  type AskedFacts,
  type AskingProgram,
  askedHostsProbes,
  exchangeHostsOf,
  judgeAskedHosts,
} from "./asked-hosts.ts";

const prod = "api.elections.kalshi.com";
const demo = "demo-api.kalshi.co";
const startedAt = 1_700_000_000_000;
const since = startedAt / 1000 + 2;
const before = startedAt / 1000 - 2;

const ran = (name: string, asked: AskingProgram["asked"] = {}): AskingProgram => ({ name, startedAt, asked });
const sync = (asked: AskingProgram["asked"]) => ran("kalshi_account_sync", asked);
const executor = (asked: AskingProgram["asked"] = {}) => ran("trade_executor", asked);

function judged(programs: readonly AskingProgram[], changes: Partial<AskedFacts> = {}) {
  return judgeAskedHosts({
    environment: "demo",
    hosts: exchangeHostsOf(readSettings({}).kalshi),
    programs,
    expected: ["kalshi_account_sync", "trade_executor"],
    now: startedAt + 120_000,
    ...changes,
  });
}

test("demo is proven by a sync that asked demo and by nobody else who asked production for the account", () => {
  expect(judged([sync({ [demo]: since }), executor()])).toMatchObject({
    level: "ok",
    says: `kalshi_account_sync asked ${demo} alone; trade_executor asked nothing yet.`,
  });
  expect(judged([sync({ [demo]: since }), executor({ [demo]: since })])).toMatchObject({ level: "ok" });
});

test("the sync's websocket and the market watchdog ask production in demo too, and it is said", () => {
  const programs = [
    sync({ [demo]: since, [`wss://${prod}`]: since }),
    executor(),
    ran("kalshi_market_watchdog", { [prod]: since }),
  ];
  const finding = judged(programs);
  expect(finding.level).toBe("ok");
  expect(finding.says).toContain("this checkout's websocket always asks production");
  expect(finding.says).toContain("kalshi_market_watchdog asks production for public prices");
  expect(finding.evidence?.cameBack).toContain(`${prod} (websocket)`);
  const inProduction = judged([sync({ [prod]: since, [`wss://${prod}`]: since }), executor()], { environment: "prod" });
  expect(inProduction).toMatchObject({ level: "ok", says: expect.not.stringContaining("always") });
});

test("a demo installation in which a program asked production names the program and the host", () => {
  for (const [name, programs] of [
    ["trade_executor", [sync({ [demo]: since }), executor({ [prod]: since })]],
    ["kalshi_account_sync", [sync({ [demo]: since, [prod]: since }), executor()]],
    // A websocket of the executor is in nobody's source.
    ["trade_executor", [sync({ [demo]: since }), executor({ [`wss://${prod}`]: since })]],
  ] as const) {
    expect(judged(programs)).toMatchObject({
      level: "fail",
      label: "checkout",
      says: `${name} asked ${prod}, a host of production; chosen is demo.`,
      objects: [name],
      remedy: { kind: "step", stepId: "install-hook" },
    });
  }
});

test("a production installation in which a program asked demo fails the other way round", () => {
  expect(judged([sync({ [prod]: since }), executor({ [demo]: since })], { environment: "prod" })).toMatchObject({
    level: "fail",
    label: "checkout",
    says: `trade_executor asked ${demo}, a host of demo; chosen is production.`,
  });
  const websocket = judged([sync({ [prod]: since, [`wss://${demo}`]: since })], { environment: "prod" });
  expect(websocket).toMatchObject({ level: "fail", says: expect.stringContaining(demo) });
});

test("a host of Kalshi's that belongs to neither environment is not taken for the chosen one", () => {
  expect(judged([sync({ [demo]: since, "trading-api.kalshi.com": since })])).toMatchObject({
    level: "fail",
    says: expect.stringContaining("trading-api.kalshi.com, a host of neither environment"),
  });
});

test("the hosts that Kalshi recommends today belong to their environment", () => {
  expect(judged([sync({ "external-api.demo.kalshi.co": since }), executor()]).level).toBe("ok");
  expect(judged([sync({ "external-api.kalshi.com": since }), executor()]).level).toBe("fail");
});

test("what an earlier process asked neither proves nor accuses this one", () => {
  expect(judged([sync({ [demo]: since, [prod]: before }), executor({ [prod]: before })]).level).toBe("ok");
  expect(judged([sync({ [demo]: before }), executor()])).toMatchObject({
    level: "fail",
    says: "kalshi_account_sync has asked no host of demo since its start.",
  });
});

test("the sync has half a minute to ask, and its websocket does not count", () => {
  const quiet = [sync({ [`wss://${prod}`]: since }), executor()];
  expect(judged(quiet, { now: startedAt + 10_000 })).toMatchObject({
    level: "unknown",
    says: "Warming up, 20 s left.",
  });
  expect(judged(quiet, { now: startedAt + 31_000 }).level).toBe("fail");
  // A wrong host is wrong from the first second.
  expect(judged([sync({ [prod]: since })], { now: startedAt + 10_000 })).toMatchObject({
    level: "fail",
    label: "checkout",
  });
});

test("what cannot be seen is unknown: a program that does not run, a file that cannot be read", () => {
  expect(judged([executor()])).toMatchObject({ level: "unknown", says: expect.stringContaining("does not run") });
  expect(judged([sync({ [demo]: since }), executor(undefined)]).level).toBe("ok");
  expect(judged([sync({ [demo]: since }), { name: "trade_executor", startedAt, asked: undefined }])).toMatchObject({
    level: "unknown",
    says: "What trade_executor asked cannot be read.",
  });
  expect(judged([executor()], { expected: ["trade_executor"] }).level).toBe("ok");
});

test("an exchange that is elsewhere is told apart by its port", () => {
  const { kalshi } = readSettings({
    REC_SETUP_KALSHI_PROD_URL: "http://127.0.0.1:4001/trade-api/v2",
    REC_SETUP_KALSHI_DEMO_URL: "http://127.0.0.1:4002/trade-api/v2",
  });
  const hosts = exchangeHostsOf(kalshi);
  expect(judged([sync({ "127.0.0.1:4002": since }), executor()], { hosts }).level).toBe("ok");
  expect(judged([sync({ "127.0.0.1:4001": since }), executor()], { hosts })).toMatchObject({
    level: "fail",
    says: expect.stringContaining("127.0.0.1:4001, a host of production"),
  });
});

test("it is asked where a key is installed, and then it decides about the installation", () => {
  const given = (kalshi: object, goOnWithout: string[] = []) =>
    answersSchema.parse({
      checkout: { kind: "path", path: "/nowhere" },
      person: { userId: "tester", fullName: "Test Person", email: "test@example.com" },
      kalshi,
      consent: { systemPackages: false, goOnWithout },
    });
  const key = { kind: "key", environment: "demo", keyId: "00000000-0000-4000-8000-000000000000" };
  const found = (answers: ReturnType<typeof given>) =>
    questionsFor(answers, {}).filter(({ question }) => question.id === "exchange-hosts-asked");
  expect(found(given(key))).toMatchObject([{ need: "installed" }]);
  expect(found(given({ kind: "none" }))).toEqual([]);
  expect(askedHostsProbes(given(key, ["kalshi_account_sync", "trade_executor"]))).toEqual([]);
});
