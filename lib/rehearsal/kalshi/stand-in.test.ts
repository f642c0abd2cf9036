import { constants, generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "playwright/test";
import WebSocket from "ws";
import { parsePrivateKey } from "../../kalshi/key.ts";
import { signedHeaders } from "../../kalshi/sign.ts";
import { freshKey } from "../../kalshi/test-exchange.ts";
import { priceModel } from "../feeds/prices.ts";
import type { DialectName } from "./dialects/dialect.ts";
import { eventTicker, nextEvent, quotesOf } from "./markets.ts";
import { type KalshiStandIn, kalshiStandIn, type ListeningStandIn, listen } from "./stand-in.ts";
import { fault } from "./state.ts";

const own = freshKey();
const key = { environment: "prod" as const, keyId: own.keyId, privateKey: parsePrivateKey(own.pem).privateKey };
const base = "/trade-api/v2";
let standIn: KalshiStandIn;
let listening: ListeningStandIn;

async function begin(dialect: DialectName = "today"): Promise<void> {
  standIn = kalshiStandIn({ environment: "prod", dialect, keys: [own], state: { tickMs: 30 } });
  listening = await listen(standIn);
}
test.beforeEach(() => begin());
test.afterEach(() => listening.stop());

async function ask(path: string, headers: Record<string, string> = {}, method = "GET", body?: string) {
  const answer = await fetch(`${listening.origin}${base}${path}`, {
    method,
    headers,
    redirect: "manual",
    ...(body ? { body } : {}),
  });
  const text = await answer.text();
  const json = /^[{[]/.test(text) ? JSON.parse(text) : undefined;
  return { status: answer.status, json, text, error: json?.error, headers: answer.headers };
}
const signed = (path: string, now = Date.now(), as = key) => signedHeaders(as, `${base}${path}`, now);

const refusals: readonly [what: string, headers: () => Record<string, string>, code: string, details?: string][] = [
  ["no key header", () => ({}), "token_authentication_failure"],
  ["no signature", () => ({ "kalshi-access-key": own.keyId }), "signature_is_missing_from_headers"],
  [
    "no time",
    () => ({ "kalshi-access-key": own.keyId, "kalshi-access-signature": "x" }),
    "timestamp_is_missing_from_headers",
  ],
  ["a time 30 s past", () => signed("/portfolio/balance", Date.now() - 30_000), "header_timestamp_expired"],
  ["a time 60 s to come", () => signed("/portfolio/balance", Date.now() + 60_000), "header_timestamp_expired"],
  ["a time in seconds", () => signed("/portfolio/balance", Math.floor(Date.now() / 1000)), "header_timestamp_expired"],
  [
    "an id that is no UUID",
    () => signed("/portfolio/balance", Date.now(), { ...key, keyId: "abc" }),
    "authentication_error",
    "INVALID_PARAMETER",
  ],
  [
    "an unknown id",
    () => signed("/portfolio/balance", Date.now(), { ...key, keyId: freshKey().keyId }),
    "authentication_error",
    "NOT_FOUND",
  ],
  [
    "a signature of another path",
    () => signed("/portfolio/fills"),
    "authentication_error",
    "INCORRECT_API_KEY_SIGNATURE",
  ],
];
for (const [what, headers, code, details] of refusals) {
  test(`A private route refuses ${what}`, async () => {
    const { status, error } = await ask("/portfolio/balance", headers());
    expect(status).toBe(401);
    expect(error.code).toBe(code);
    expect(error.details).toBe(details);
  });
}

test("A time 10 s past and 30 s to come is taken, and the server's clock can be moved", async () => {
  for (const ms of [-10_000, 30_000])
    expect((await ask("/portfolio/balance", signed("/portfolio/balance", Date.now() + ms))).status).toBe(200);
  standIn.move({ clockAheadMs: 43_000 });
  const { status, headers } = await ask("/portfolio/balance", signed("/portfolio/balance"));
  expect(status).toBe(401);
  expect(Date.parse(headers.get("date") ?? "") - Date.now()).toBeGreaterThan(41_000);
});

test("An Ed25519 key is verified as such", async () => {
  const pair = generateKeyPairSync("ed25519");
  const keyId = freshKey().keyId;
  standIn.register({ keyId, publicKeyPem: pair.publicKey.export({ type: "spki", format: "pem" }).toString() });
  const as = { environment: "prod" as const, keyId, privateKey: pair.privateKey };
  expect((await ask("/portfolio/balance", signed("/portfolio/balance", Date.now(), as))).status).toBe(200);
});

test("Scopes, sub-accounts and the token bucket are fences of their own", async () => {
  const narrow = freshKey();
  standIn.register({ ...narrow, scopes: ["write::trade"], subaccount: 0 });
  const as = { ...key, keyId: narrow.keyId, privateKey: parsePrivateKey(narrow.pem).privateKey };
  expect((await ask("/portfolio/balance", signed("/portfolio/balance", Date.now(), as))).status).toBe(403);
  expect((await ask("/api_keys", signed("/api_keys", Date.now(), as))).status).toBe(403);
  standIn.move({ restrictedAs401: true });
  expect((await ask("/api_keys", signed("/api_keys", Date.now(), as))).status).toBe(401);
  standIn.move({ readTokens: 5 });
  const first = await ask("/portfolio/balance", signed("/portfolio/balance"));
  const second = await ask("/portfolio/balance", signed("/portfolio/balance"));
  expect([first.status, second.status]).toEqual([200, 429]);
  expect(second.error).toBe("too many requests");
});

test("Reading and writing are counted apart, and a clock that is set back takes nothing away", async () => {
  standIn.move({ writeTokens: 15, readTokens: 200 });
  const path = "/portfolio/events/orders";
  const order = async () =>
    (await ask(path, signedPost(path, Date.now() + standIn.state.clockAheadMs), "POST", "{}")).status;
  expect([await order(), await order()]).toEqual([400, 429]);
  const read = () => ask("/portfolio/balance", signed("/portfolio/balance", Date.now() + standIn.state.clockAheadMs));
  standIn.move({ clockAheadMs: 60_000 });
  expect((await read()).status).toBe(200);
  standIn.move({ clockAheadMs: 0 });
  expect((await read()).status).toBe(200);
});

test("A body that is slow comes whole, and an upgrade can be refused once", async () => {
  standIn.faults.set(fault.parse({ path: "/exchange/status", slowBodyMs: 50, times: 1 }));
  expect((await ask("/exchange/status")).json).toEqual({ exchange_active: true, trading_active: true });
  standIn.faults.set(fault.parse({ path: "websocket", status: 503, times: 1 }));
  const opened = async () => {
    const socket = new WebSocket(`${listening.origin.replace("http", "ws")}/trade-api/ws/v2`, {
      headers: signedHeaders(key, "/trade-api/ws/v2", Date.now()),
    });
    const how = await new Promise<string>((resolve) => {
      socket.once("open", () => resolve("open"));
      socket.once("unexpected-response", (_asking, response) => resolve(`HTTP ${response.statusCode}`));
      socket.once("error", () => {});
    });
    socket.terminate();
    return how;
  };
  expect([await opened(), await opened()]).toEqual(["HTTP 503", "open"]);
});

test("Open, paused and down are three states", async () => {
  expect((await ask("/exchange/status")).json).toEqual({ exchange_active: true, trading_active: true });
  standIn.move({ exchange: "paused" });
  expect(await ask("/exchange/status")).toMatchObject({
    status: 200,
    json: { exchange_active: true, trading_active: false },
  });
  standIn.move({ exchange: "down" });
  expect(await ask("/exchange/status")).toMatchObject({ status: 503, json: { exchange_active: false } });
});

test("The small refusals have their own shapes", async () => {
  expect(await ask("/markets?limit=1001")).toMatchObject({
    status: 400,
    json: { msg: expect.stringContaining("GetMarkets") },
  });
  expect(await ask("/events/KXBTCD-01JAN0101")).toMatchObject({ status: 404, json: { error: { code: "not_found" } } });
  expect(await ask("/nothing")).toMatchObject({ status: 404, text: "404 page not found\n" });
  expect(await ask("/exchange/status/")).toMatchObject({ status: 301 });
  standIn.move({ legacyHost: true });
  expect((await ask("/exchange/status")).text).toContain("has been moved");
});

test("A fault happens as often as it should, then it heals", async () => {
  standIn.faults.set(fault.parse({ path: "/exchange/status", status: 502, body: "<html>", times: 2 }));
  const statuses = [];
  for (let time = 0; time < 3; time += 1) statuses.push((await ask("/exchange/status")).status);
  expect(statuses).toEqual([502, 502, 200]);
});

test("Today the old order endpoint is retired, and the new one fakes no fill", async () => {
  expect(await ask("/portfolio/orders", {}, "POST", "{}")).toMatchObject({
    status: 410,
    json: { error: { code: "deprecated_v1_order_endpoint" } },
  });
  const path = "/portfolio/events/orders";
  const headers = () => {
    const now = Date.now();
    return signedPost(path, now);
  };
  expect((await ask(path, headers(), "POST", "{}")).status).toBe(400);
  standIn.move({ shards: { "0": 5, "2": 0 } });
  expect((await ask(path, headers(), "POST", "{}")).error.code).toBe("user_not_found");
  standIn.move({ exchange: "paused" });
  expect((await ask(path, headers(), "POST", "{}")).status).toBe(409);
  expect(standIn.requests.notGet()).toHaveLength(4);
});

/** The product cannot sign a POST; a test of the stand-in has to. */
function signedPost(path: string, now: number): Record<string, string> {
  const text = `${now}POST${base}${path}`;
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_MAX_SIGN };
  const signature = sign("sha256", Buffer.from(text), { key: key.privateKey, ...padding }).toString("base64");
  return {
    "kalshi-access-key": own.keyId,
    "kalshi-access-timestamp": String(now),
    "kalshi-access-signature": signature,
  };
}

test("In the dialect of 2025 an order is executed, counted and announced", async () => {
  await listening.stop();
  await begin("2025");
  const { json } = await ask("/markets?series_ticker=KXBTCD&status=open&limit=1");
  const socket = new WebSocket(`${listening.origin.replace("http", "ws")}/trade-api/ws/v2`, {
    headers: signedHeaders(key, "/trade-api/ws/v2", Date.now()),
  });
  const frames: { type: string; msg: Record<string, unknown> }[] = [];
  socket.on("message", (data) => frames.push(JSON.parse(data.toString())));
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(JSON.stringify({ id: 1, cmd: "subscribe", params: { channels: ["market_positions"] } }));
  await expect.poll(() => frames.map(({ type }) => type)).toEqual(["subscribed"]);
  const body = JSON.stringify({
    ticker: json.markets[0].ticker,
    side: "yes",
    type: "market",
    count: 2,
    action: "buy",
    client_order_id: "c",
  });
  const made = await ask("/portfolio/orders", signedPost("/portfolio/orders", Date.now()), "POST", body);
  expect(made.status).toBe(201);
  expect(made.json.order).toMatchObject({ status: "executed", fill_count: 2, remaining_count: 0 });
  await expect.poll(() => frames.at(-1)?.type).toBe("market_position");
  expect(standIn.requests.notGet()).toMatchObject([{ method: "POST", status: 201, key: "known", order: { count: 2 } }]);
  expect((await ask("/portfolio/fills", signed("/portfolio/fills"))).json.fills[0]).toMatchObject({ count: 2 });
  socket.terminate();
});

for (const [dialect, field, other] of [
  ["2025", "yes_ask", "yes_ask_dollars"],
  ["today", "yes_ask_dollars", "yes_ask"],
] as const) {
  test(`An event of the dialect ${dialect} has its hour's strikes with ${field}`, async () => {
    await listening.stop();
    await begin(dialect);
    const { closesAt } = nextEvent(Date.now());
    const { json } = await ask(`/events/${eventTicker(closesAt)}`);
    expect(json.markets.length).toBeGreaterThanOrEqual(40);
    const asks = json.markets.map((market: Record<string, unknown>) => Number(market[field]));
    expect(json.markets[0]).not.toHaveProperty(other);
    expect(new Set(asks).size).toBeGreaterThan(3);
    expect(json.markets.every((market: Record<string, unknown>) => Number(market.volume ?? market.volume_fp) > 0)).toBe(
      true,
    );
    if (dialect === "2025") expect(json.markets[0].subtitle).toMatch(/^\$1\d\d,\d{3} or above$/);
  });
}

test("Also in the last seconds of its hour an event has asks between the ends", () => {
  const { closesAt, ...event } = nextEvent(Date.now());
  const asks = quotesOf({ ...event, closesAt }, priceModel(7), closesAt - 1_000).map(({ yesAsk }) => yesAsk);
  expect(new Set(asks.filter((ask) => ask > 1 && ask < 99)).size).toBeGreaterThan(3);
});

test("No request is kept with a signature or an id", async () => {
  await ask("/portfolio/balance", signed("/portfolio/balance"));
  const kept = JSON.stringify(standIn.requests.all());
  expect(kept).not.toContain(own.keyId);
  expect(kept).toContain("/portfolio/balance");
});
