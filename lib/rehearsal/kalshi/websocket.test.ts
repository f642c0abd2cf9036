import { expect, test } from "playwright/test";
import WebSocket from "ws";
import { parsePrivateKey } from "../../kalshi/key.ts";
import { signedHeaders } from "../../kalshi/sign.ts";
import { freshKey } from "../../kalshi/test-exchange.ts";
import { kalshiStandIn, type ListeningStandIn, listen } from "./stand-in.ts";

const own = freshKey();
const key = { environment: "prod" as const, keyId: own.keyId, privateKey: parsePrivateKey(own.pem).privateKey };
let listening: ListeningStandIn;

test.beforeEach(async () => {
  listening = await listen(
    kalshiStandIn({ environment: "prod", dialect: "today", keys: [own], state: { tickMs: 30 } }),
  );
});
test.afterEach(() => listening.stop());

test("The websocket asks for the same proof as every private route", async () => {
  for (const [headers, code] of [
    [{}, "token_authentication_failure"],
    [signedHeaders(key, "/trade-api/ws/v2", Date.now() - 60_000), "header_timestamp_expired"],
    [signedHeaders(key, "/trade-api/v2/portfolio/balance", Date.now()), "authentication_error"],
  ] as const) {
    const socket = new WebSocket(`${listening.origin.replace("http", "ws")}/trade-api/ws/v2`, { headers });
    socket.on("error", () => {});
    const body = await new Promise<string>((resolve) =>
      socket.once("unexpected-response", async (_asking, response) => {
        let text = `${response.statusCode} `;
        for await (const chunk of response) text += String(chunk);
        resolve(text);
      }),
    );
    expect(body).toMatch(new RegExp(`^401 .*"${code}"`));
    socket.terminate();
  }
});

test("The websocket gives a snapshot at once, and codes for what it does not understand", async () => {
  const markets = await (await fetch(`${listening.origin}/trade-api/v2/markets?limit=1`)).json();
  const ticker = (markets as { markets: { ticker: string }[] }).markets[0]?.ticker;
  const socket = new WebSocket(`${listening.origin.replace("http", "ws")}/trade-api/ws/v2`, {
    headers: signedHeaders(key, "/trade-api/ws/v2", Date.now()),
  });
  const frames: { type: string; msg?: { code?: number } }[] = [];
  socket.on("message", (data) => {
    expect(data.toString().endsWith("\n")).toBe(true);
    frames.push(JSON.parse(data.toString()));
  });
  await new Promise((resolve) => socket.once("open", resolve));
  const say = (text: string) => socket.send(text);
  const errors = () => frames.filter(({ type }) => type === "error").map(({ msg }) => msg?.code);
  say("no json");
  say("{}");
  say('{"id":1,"cmd":"subscribe","params":{}}');
  say('{"id":1,"cmd":"dance","params":{}}');
  say('{"id":1,"cmd":"subscribe","params":{"channels":["nothing"]}}');
  say('{"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta"]}}');
  say('{"id":1,"cmd":"subscribe","params":{"channels":["ticker"],"market_ticker":"NO"}}');
  await expect.poll(errors).toEqual([1, 2, 3, 5, 8, 14, 16]);
  say(
    JSON.stringify({
      id: 2,
      cmd: "subscribe",
      params: { channels: ["orderbook_delta", "ticker"], market_tickers: [ticker] },
    }),
  );
  await expect.poll(() => frames.filter(({ type }) => type === "ticker").length).toBeGreaterThan(1);
  say(JSON.stringify({ id: 3, cmd: "subscribe", params: { channels: ["ticker"], market_tickers: [ticker] } }));
  await expect.poll(() => errors().at(-1)).toBe(6);
  expect(frames.map(({ type }) => type)).toContain("orderbook_snapshot");
  socket.terminate();
});
