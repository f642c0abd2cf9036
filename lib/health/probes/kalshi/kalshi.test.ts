import { createPublicKey } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import type { AnyProbe, Finding } from "../../../engine/probe.ts";
import { answers as answersSchema } from "../../../install/answers.ts";
import type { Kalshi } from "../../../kalshi/kalshi.ts";
import { parsePrivateKey } from "../../../kalshi/key.ts";
import { freshKey, type TestExchange, testExchange } from "../../../kalshi/test-exchange.ts";
import { fault } from "../../../rehearsal/kalshi/state.ts";
import { judgeClock, kalshiGateProbes, kalshiHealthProbes } from "./kalshi.ts";

let exchange: TestExchange;
test.beforeEach(async () => {
  exchange = await testExchange("today");
});
test.afterEach(async () => {
  expect(exchange.requests.notGet()).toEqual([]);
  await exchange.stop();
});

function answersFor(environment: "demo" | "prod" = "prod") {
  const { keyId } = exchange.keys[environment];
  return answersSchema.parse({
    checkout: { kind: "path", path: "/nowhere" },
    person: { userId: "tester", fullName: "Test Person", email: "test@example.com" },
    kalshi: { kind: "key", environment, keyId },
  });
}

async function asked(probes: readonly AnyProbe[], id: string, kalshi: Kalshi): Promise<Finding> {
  const found = probes.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no probe ${id}`);
  return found.judge(await found.collect({ kalshi } as never, new AbortController().signal));
}
const health = () => kalshiHealthProbes(answersFor()).map(({ question }) => question as AnyProbe);

/** Writes the pair where REC.IO looks for it. */
async function installKey(environment: "demo" | "prod" = "prod", pem = exchange.keys[environment].pem): Promise<void> {
  const folder = join(exchange.checkoutFolder, "credentials", environment);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(
    join(folder, ".env"),
    `KALSHI_API_KEY_ID="${exchange.keys[environment].keyId}"\nKALSHI_PRIVATE_KEY_PATH=kalshi.pem\n`,
    { mode: 0o600 },
  );
  await writeFile(join(folder, "kalshi.pem"), pem, { mode: 0o600 });
}

test("The gate asks with the key that is held in memory, before anything is on disk", async () => {
  const { keyId, pem } = exchange.keys.prod;
  const held = { environment: "prod" as const, keyId, privateKey: parsePrivateKey(pem).privateKey };
  const gate = kalshiGateProbes(answersFor());
  const id = "kalshi-key-accepted-before";
  expect(await asked(gate, id, exchange.client({ heldKey: () => held }))).toMatchObject({ level: "ok" });
  expect(await asked(gate, id, exchange.client())).toMatchObject({
    level: "fail",
    says: expect.stringContaining("held"),
  });
  const other = { ...held, privateKey: parsePrivateKey(freshKey().pem).privateKey };
  expect(await asked(gate, id, exchange.client({ heldKey: () => other }))).toMatchObject({
    level: "fail",
    says: expect.stringContaining("belong together"),
  });
});

test("A demo key in production is called by its name in the gate", async () => {
  const { keyId, pem } = exchange.keys.demo;
  const held = { environment: "prod" as const, keyId, privateKey: parsePrivateKey(pem).privateKey };
  const finding = await asked(
    kalshiGateProbes(answersFor()),
    "kalshi-key-accepted-before",
    exchange.client({ heldKey: () => held }),
  );
  expect(finding).toMatchObject({ level: "fail", says: "This is a demo key." });
});

test("An installed key is accepted, and a revoked one is called so", async () => {
  await installKey();
  const kalshi = exchange.client();
  expect(await asked(health(), "kalshi-key-accepted", kalshi)).toMatchObject({ level: "ok" });
  exchange.standIns.prod.revoke(exchange.keys.prod.keyId);
  expect(await asked(health(), "kalshi-key-accepted", kalshi)).toMatchObject({
    level: "fail",
    says: expect.stringContaining("no longer knows"),
  });
});

test("A damaged file on disk is named, and half a pair is too", async () => {
  await installKey(
    "prod",
    "-----BEGIN PRIVATE KEY-----\nPLACEHOLDER_KEY_FOR_NEW_INSTALLATION\n-----END PRIVATE KEY-----\n",
  );
  expect(await asked(health(), "kalshi-key-accepted", exchange.client())).toMatchObject({
    level: "fail",
    says: expect.stringContaining("placeholder"),
  });
  await writeFile(join(exchange.checkoutFolder, "credentials/prod/.env"), "");
  expect(await asked(health(), "kalshi-key-accepted", exchange.client())).toMatchObject({
    level: "fail",
    says: expect.stringContaining("key id is missing"),
  });
});

test("Paused is not down, and neither says anything against the key", async () => {
  await installKey();
  const kalshi = exchange.client();
  expect(await asked(health(), "kalshi-exchange", kalshi)).toMatchObject({ level: "ok" });
  exchange.standIns.prod.move({ exchange: "paused" });
  expect(await asked(health(), "kalshi-exchange", kalshi)).toMatchObject({
    level: "warn",
    says: expect.stringContaining("pauses"),
  });
  expect(await asked(health(), "kalshi-key-accepted", kalshi)).toMatchObject({ level: "ok" });
  exchange.standIns.prod.move({ exchange: "down" });
  exchange.standIns.prod.faults.set(fault.parse({ path: "/portfolio/balance", status: 503 }));
  expect(await asked(health(), "kalshi-exchange", kalshi)).toMatchObject({
    level: "fail",
    says: "The exchange is down.",
  });
  expect(await asked(health(), "kalshi-key-accepted", kalshi)).toMatchObject({ level: "warn", label: "exchange" });
  expect(await asked(health(), "kalshi-reachable", kalshi)).toMatchObject({ level: "ok" });
});

test("An unreachable exchange leaves the key unknown, not wrong", async () => {
  await installKey();
  const kalshi = exchange.client();
  exchange.standIns.prod.faults.set(fault.parse({ reset: true }));
  expect(await asked(health(), "kalshi-reachable", kalshi)).toMatchObject({ level: "fail" });
  expect(await asked(health(), "kalshi-key-accepted", kalshi)).toMatchObject({ level: "unknown" });
  expect(await asked(health(), "kalshi-clock", kalshi)).toMatchObject({ level: "unknown" });
});

test("A drifted clock is told in seconds", async () => {
  const kalshi = exchange.client();
  expect(await asked(health(), "kalshi-clock", kalshi)).toMatchObject({ level: "ok" });
  exchange.standIns.prod.move({ clockAheadMs: 43_000 });
  expect(await asked(health(), "kalshi-clock", kalshi)).toMatchObject({
    level: "fail",
    says: expect.stringMatching(/43 s slow/),
  });
});

test("An answer that took long does not make the clock wrong, and a clock that is wrong stays so", () => {
  const at = 1_700_000_000_000;
  const facts = (ahead: number, tookMs: number) => ({
    answer: { status: 200, body: {}, serverTime: at - 500, tookMs },
    receivedAt: at + ahead,
  });
  // The server may have read its clock at the beginning of those five seconds or at their end.
  for (const ahead of [0, 2_400, 4_900]) expect(judgeClock(facts(ahead, 4_900)).level).toBe("ok");
  expect(judgeClock(facts(-43_000, 4_900))).toMatchObject({
    level: "fail",
    says: expect.stringContaining("43 s slow"),
  });
  expect(judgeClock(facts(3_000, 100)).level).toBe("warn");
});

test("A key's rights and the live feed are looked at", async () => {
  await installKey();
  const kalshi = exchange.client();
  expect(await asked(health(), "kalshi-key-rights", kalshi)).toMatchObject({
    level: "warn",
    says: expect.stringContaining("move money"),
  });
  const { keyId, pem } = exchange.keys.prod;
  const publicKeyPem = createPublicKey(pem).export({ type: "spki", format: "pem" }).toString();
  exchange.standIns.prod.register({ keyId, publicKeyPem, scopes: ["read", "write::trade"] });
  expect(await asked(health(), "kalshi-key-rights", kalshi)).toMatchObject({ level: "ok" });
  exchange.standIns.prod.register({ keyId, publicKeyPem, scopes: ["read"] });
  expect(await asked(health(), "kalshi-key-rights", kalshi)).toMatchObject({ level: "fail" });
  expect(await asked(health(), "kalshi-feed", kalshi)).toMatchObject({ level: "ok" });
});

test("Without a key the gate is a lasting warn, and nothing is signed", async () => {
  const answers = answersSchema.parse({ ...answersFor(), kalshi: { kind: "none", environment: "demo" } });
  const kalshi = exchange.client({ environment: "demo", withoutKey: true });
  expect(await asked(kalshiGateProbes(answers), "kalshi-without-key", kalshi)).toMatchObject({ level: "warn" });
  const ids = kalshiHealthProbes(answers).map(({ question, need }) => `${question.id}:${need}`);
  expect(ids).toEqual([
    "kalshi-reachable:installed",
    "kalshi-clock:installed",
    "kalshi-exchange:tradable",
    "kalshi-without-key:no",
  ]);
  for (const { question } of kalshiHealthProbes(answers)) await asked([question as AnyProbe], question.id, kalshi);
  expect(exchange.requests.all().every(({ key }) => key === "none")).toBe(true);
});

test("Money elsewhere than where Bitcoin markets trade is a warning, and no amount is told", async () => {
  await installKey();
  const kalshi = exchange.client();
  expect(await asked(health(), "kalshi-funds", kalshi)).toMatchObject({ level: "ok" });
  exchange.standIns.prod.move({ shards: { "0": 765_432, "2": 0 } });
  const finding = await asked(health(), "kalshi-funds", kalshi);
  expect(finding).toMatchObject({ level: "warn", says: expect.stringContaining("No money lies") });
  expect(JSON.stringify(finding)).not.toMatch(/7654|7,654/);
  exchange.standIns.prod.faults.set(fault.parse({ path: "/portfolio/balance", status: 503 }));
  expect(await asked(health(), "kalshi-funds", kalshi)).toMatchObject({ level: "unknown" });
});

test("What matters is known within two minutes, and all questions together stay far below the lowest rate tier", () => {
  const all = kalshiHealthProbes(answersFor()).map(({ question }) => question as AnyProbe);
  for (const id of ["kalshi-reachable", "kalshi-clock", "kalshi-exchange", "kalshi-key-accepted"]) {
    const question = all.find((one) => one.id === id);
    // An answer that was about to be given up, and the next one after it.
    expect((question?.everyMs ?? 0) + 2 * (question?.timeoutMs ?? 10_000), id).toBeLessThanOrEqual(120_000);
  }
  // At most four requests a question, each of ten tokens, against 200 a second.
  const tokensASecond = all.reduce((sum, { everyMs }) => sum + (4 * 10) / (everyMs / 1_000), 0);
  expect(tokensASecond).toBeLessThan(200 / 10);
});
