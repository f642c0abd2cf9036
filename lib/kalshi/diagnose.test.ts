import { generateKeyPairSync } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, test } from "playwright/test";
import type { z } from "zod";
import { type ExchangeState, fault } from "../rehearsal/kalshi/state.ts";
import { kalshi } from "./client.ts";
import { type Diagnosis, diagnose } from "./diagnose.ts";
import type { Outcome } from "./ladder/outcomes.ts";
import { rungTitles } from "./ladder/rungs.ts";
import { checkoutFiles, freshKey, type TestExchange, testExchange } from "./test-exchange.ts";

let exchange: TestExchange;
test.beforeEach(async () => {
  exchange = await testExchange("today");
});
test.afterEach(async () => {
  await exchange.stop();
});

async function diagnosed(
  more: { keyId?: string; pem?: string; environment?: "demo" | "prod"; now?: () => number } = {},
): Promise<Diagnosis> {
  const { environment = "prod", now } = more;
  const own = exchange.keys[environment];
  const client = exchange.client({ environment, ...(now ? { now } : {}) });
  const input = { environment, keyId: more.keyId ?? own.keyId, privateKey: more.pem ?? own.pem };
  const { diagnosis } = await diagnose(client, input, now ? { now } : {});
  expect(exchange.requests.notGet()).toEqual([]);
  return diagnosis;
}

const levels = ({ rungs }: Diagnosis) => Object.fromEntries(rungs.map(({ id, level }) => [id, level]));

test("A good key is climbed to the live feed, and every rung has evidence", async () => {
  const diagnosis = await diagnosed();
  expect(diagnosis.outcome).toBe("ok");
  expect(diagnosis.accepted).toBe(true);
  expect(levels(diagnosis)).toEqual({
    key: "ok",
    "key-id": "ok",
    "self-test": "ok",
    host: "ok",
    clock: "ok",
    exchange: "ok",
    accepted: "ok",
    rights: "warn",
    markets: "ok",
    funds: "ok",
    websocket: "ok",
  });
  expect(diagnosis.rungs.every(({ tookMs }) => tookMs !== undefined)).toBe(true);
});

type Given = NonNullable<Parameters<typeof diagnosed>[0]>;

const move = (state: Partial<ExchangeState>): Given => {
  exchange.standIns.prod.move(state);
  return {};
};

const fail = (what: z.input<typeof fault>, environment: "demo" | "prod" = "prod"): Given => {
  exchange.standIns[environment].faults.set(fault.parse(what));
  return {};
};

/** Another prod key, with these rights alone. */
const only = (...scopes: string[]): Given => {
  const { publicKeyPem, ...key } = freshKey();
  exchange.standIns.prod.register({ keyId: key.keyId, publicKeyPem, scopes });
  return key;
};

const ed25519 = () => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const tooMany = '{"error":"too many requests"}';
const html = { body: "<html>Forbidden</html>", headers: { "content-type": "text/html" } };

const cases: readonly [what: string, outcome: Outcome, arrange: () => Given, says: RegExp][] = [
  [
    "a demo key in production",
    "wrong_environment",
    () => ({ ...exchange.keys.demo, environment: "prod" }),
    /This is a demo key\.$/,
  ],
  [
    "a production key in demo",
    "wrong_environment",
    () => ({ ...exchange.keys.prod, environment: "demo" }),
    /This is a production key\.$/,
  ],
  ["an id that nobody knows", "unknown_key", () => freshKey(), /neither in production nor in demo/],
  [
    "a demo key in production, in later words",
    "wrong_environment",
    () => ({ ...move({ unknownAsInvalid: true, laterMessage: true }), ...exchange.keys.demo, environment: "prod" }),
    /This is a demo key\.$/,
  ],
  [
    "an id that nobody knows while demo is down",
    "unknown_key",
    () => ({ ...fail({ path: "/portfolio/balance", status: 503 }, "demo"), ...freshKey() }),
    /in production; demo does not tell \(HTTP 503\)/,
  ],
  ["the private key of another id", "pair_mismatch", () => ({ pem: freshKey().pem }), /do not belong together/],
  [
    "a demo id, another key",
    "wrong_environment",
    () => ({ keyId: exchange.keys.demo.keyId }),
    /private key is another/,
  ],
  ["an Ed25519 key", "key_not_usable_by_recio", () => ({ pem: ed25519() }), /Ed25519/],
  ["words for a key", "bad_key", () => ({ pem: "not a key" }), /not a private key/],
  ["words for an id", "bad_key", () => ({ keyId: "my key" }), /does not look like/],
  ["a clock 43 s slow", "clock", () => ({ now: () => Date.now() - 43_000 }), /43 s slow/],
  ["a clock 43 s fast", "clock", () => ({ now: () => Date.now() + 43_000 }), /43 s fast/],
  ["a key that may only read", "ok_read_only", () => only("read"), /for reading/],
  ["a paused exchange", "ok_exchange_paused", () => move({ exchange: "paused" }), /pauses trading/],
  [
    "read-only while paused",
    "ok_read_only",
    () => ({ ...move({ exchange: "paused" }), ...only("read") }),
    /for reading/,
  ],
  [
    "no money for crypto",
    "ok_no_crypto_funds",
    () => move({ shards: { "0": 123_456, "2": 0 } }),
    /no money lies where/,
  ],
  ["an exchange that is down", "exchange_down", () => move({ exchange: "down" }), /down/],
  ["no right to read the balance", "restricted", () => only("write::trade"), /does not let it read/],
  ["429", "rate_limited", () => fail({ path: "/portfolio/balance", status: 429, body: tooMany }), /too often/],
  ["503 on the balance", "exchange_down", () => fail({ path: "/portfolio/balance", status: 503 }), /down/],
  ["an HTML page of a CDN", "unexpected", () => fail({ path: "/portfolio/balance", status: 403, ...html }), /HTTP 403/],
  ["a retired host", "unexpected", () => move({ legacyHost: true }), /does not answer as Kalshi/],
  ["a connection that is cut", "network", () => fail({ path: "/exchange/status", reset: true }), /breaks off/],
  ["half an answer", "network", () => fail({ path: "/portfolio/balance", truncate: true }), /breaks off/],
  [
    "a pair mismatch in other words",
    "pair_mismatch",
    () => ({ ...move({ laterMessage: true, rpcDetails: true }), pem: freshKey().pem }),
    /do not belong together/,
  ],
];

for (const [what, outcome, arrange, says] of cases) {
  test(`The ladder calls it ${outcome}: ${what}`, async () => {
    const diagnosis = await diagnosed(arrange());
    expect(`${diagnosis.outcome}: ${diagnosis.says}`).toMatch(says);
    expect(diagnosis.outcome).toBe(outcome);
    expect(diagnosis.accepted).toBe(outcome.startsWith("ok"));
    expect(diagnosis.remedy).toBeDefined();
    expect(diagnosis.rungs.some(({ level }) => level === "running")).toBe(false);
    // Above the rung that did not hold nothing was asked, and nothing is said.
    if (diagnosis.accepted) expect(diagnosis.rungs.some(({ level }) => level === "waiting")).toBe(false);
    else expect(diagnosis.rungs.at(-1)).toEqual({ id: "websocket", says: rungTitles.websocket, level: "waiting" });
    expect(diagnosis.rungs.map(({ says, detail }) => `${says} ${detail}`).join(" ")).not.toMatch(
      /\bprod\b|earlier rung/,
    );
  });
}

test("A demo key in production is the headline of its rung, with what both said", async () => {
  const { rungs } = await diagnosed({ ...exchange.keys.demo, environment: "prod" });
  expect(rungs.find(({ id }) => id === "accepted")).toMatchObject({
    says: "This is a demo key.",
    level: "fail",
    detail: "Production does not know it. Demo accepted the same key at once.",
    evidence: { cameBack: expect.stringMatching(/^HTTP 401.*; then HTTP 200/) },
    tookMs: expect.any(Number),
  });
});

test("An exchange that heals after two 503s is asked again and found open", async () => {
  fail({ path: "/exchange/status", status: 503, body: "{}", times: 2 });
  expect((await diagnosed()).outcome).toBe("ok");
});

test("A live feed that heals after a refused upgrade is found when it is asked again", async () => {
  fail({ path: "websocket", status: 502, body: "<html>", times: 1 });
  expect(levels(await diagnosed()).websocket).toBe("warn");
  expect(levels(await diagnosed()).websocket).toBe("ok");
});

test("An id that stands in the same text as its key is found there", async () => {
  const { keyId, pem } = exchange.keys.prod;
  const note = `Kalshi, made in November\nKey ID: ${keyId.toUpperCase()}\n${pem}`;
  for (const given of [
    { keyId: "", pem: note },
    { keyId: note, pem: " " },
    { keyId: pem, pem: keyId },
  ]) {
    const diagnosis = await diagnosed(given);
    expect(diagnosis.outcome).toBe("ok");
    expect(diagnosis.rungs[0]?.detail).toMatch(/in one text|in each other's place/);
  }
});

test("A wrong key is told apart in under two seconds", async () => {
  const begun = performance.now();
  await diagnosed(freshKey());
  expect(performance.now() - begun).toBeLessThan(2_000);
});

test("A clock that is off sends nothing signed", async () => {
  await diagnosed({ now: () => Date.now() - 43_000 });
  expect(exchange.requests.all().map(({ key }) => key)).toEqual(["none"]);
});

test("An unreachable exchange never reads as a wrong key", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const address = holder.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await new Promise((resolve) => holder.close(resolve));
  const places = [
    [`http://127.0.0.1:${port}/trade-api/v2`, "kalshi.unreachable-refused"],
    ["https://no-such-host.invalid/trade-api/v2", "kalshi.unreachable-dns"],
  ] as const;
  const real = exchange.client();
  for (const [rest, code] of places) {
    const elsewhere = kalshi({
      settings: { kalshi: { prod: { rest, websocket: rest }, demo: { rest, websocket: rest } } },
      environment: "prod",
      withoutKey: false,
      checkout: { at: (file: string) => join(exchange.checkoutFolder, file) } as never,
      machine: undefined as never,
    });
    const { keyId, pem } = exchange.keys.prod;
    const { diagnosis } = await diagnose(elsewhere, { environment: "prod", keyId, privateKey: pem });
    expect(diagnosis.outcome).toBe("network");
    expect(diagnosis.problem?.code).toBe(code);
    expect(diagnosis.rungs.find(({ id }) => id === "accepted")?.level).toBe("waiting");
  }
  expect(real.base("prod")).toContain("127.0.0.1");
});

test("A cancelled ladder ends at once and throws what the caller threw", async () => {
  fail({ path: "/exchange/status", delayMs: 30_000 });
  const stop = new AbortController();
  const { keyId, pem } = exchange.keys.prod;
  const climbing = diagnose(
    exchange.client(),
    { environment: "prod", keyId, privateKey: pem },
    {
      signal: stop.signal,
      onRungs: (rungs) => {
        if (rungs.find(({ id }) => id === "host")?.level === "running") stop.abort(new Error("the person left"));
      },
    },
  );
  await expect(climbing).rejects.toThrow("the person left");
});

test("The receipt tells what this checkout can do, derived from its code and the exchange's answers", async () => {
  for (const [file, text] of Object.entries(checkoutFiles)) {
    const path = join(exchange.checkoutFolder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  const receipt = Object.fromEntries((await diagnosed()).receipt.map((line) => [line.id, line]));
  expect(receipt.sign?.level).toBe("ok");
  expect(receipt.account?.level).toBe("ok");
  expect(receipt.orders).toMatchObject({ level: "fail", label: "exchange" });
  expect(receipt.orders?.says).toContain("with any key");
  expect(receipt["market-data"]).toMatchObject({ level: "fail", label: "exchange" });
  const demo = Object.fromEntries((await diagnosed({ environment: "demo" })).receipt.map((line) => [line.id, line]));
  expect(demo["account-feed"]).toMatchObject({ level: "warn", label: "checkout" });
});

test("No rung, sentence or receipt holds any part of the key", async () => {
  const { keyId, pem } = exchange.keys.prod;
  const letters = pem.split("\n").slice(1, -2).join("");
  for (const state of [{}, { exchange: "paused" as const }, { laterMessage: true }]) {
    exchange.standIns.prod.move(state);
    for (const key of [{}, { pem: freshKey().pem }, { keyId: freshKey().keyId }]) {
      const text = JSON.stringify(await diagnosed(key));
      expect(text).not.toContain(keyId);
      for (let at = 0; at + 16 < letters.length; at += 16) expect(text).not.toContain(letters.slice(at, at + 16));
    }
  }
});

for (const [mood, level] of [
  ["silent", "warn"],
  ["mute", "warn"],
  ["refuse", "warn"],
  ["stale", "warn"],
  ["drop", "ok"],
] as const) {
  test(`A live feed that is ${mood} is ${level === "ok" ? "good until then" : "a warning, not a wrong key"}`, async () => {
    exchange.standIns.prod.move({ websocket: mood });
    const diagnosis = await diagnosed();
    expect(diagnosis.outcome).toBe("ok");
    expect(levels(diagnosis).websocket).toBe(level);
  });
}
