import { expect, test } from "playwright/test";
import WebSocket from "ws";
import { listen } from "../kalshi/stand-in.ts";
import { requestLog } from "../requests.ts";
import { coinbaseStandIn } from "./coinbase.ts";
import { krakenStandIn } from "./kraken.ts";
import { priceModel } from "./prices.ts";

test("The price wanders inside the band where REC.IO's generator finds its strikes, and is the same for everybody", () => {
  const prices = priceModel(7);
  const again = priceModel(7);
  const start = Date.UTC(2026, 10, 20);
  const seen = Array.from({ length: 2000 }, (_, minute) => prices.at("BTC", start + minute * 60_000));
  expect(Math.min(...seen)).toBeGreaterThan(100_000);
  expect(Math.max(...seen)).toBeLessThan(125_000);
  expect(new Set(seen).size).toBeGreaterThan(1900);
  expect(seen[1000]).toBe(again.at("BTC", start + 1000 * 60_000));
  const steps = seen.slice(1).map((price, at) => Math.abs(price / (seen[at] ?? price) - 1));
  expect(Math.max(...steps)).toBeLessThan(0.003);
});

test("Coinbase answers a subscription with its confirmation and ticks of now", async () => {
  const prices = priceModel();
  const standIn = coinbaseStandIn({ prices, requests: requestLog(), tickMs: 50 });
  const listening = await listen(standIn);
  const socket = new WebSocket(listening.origin.replace("http", "ws"));
  const frames: Record<string, string>[] = [];
  socket.on("message", (data) => frames.push(JSON.parse(data.toString())));
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(JSON.stringify({ type: "subscribe", channels: [{ name: "ticker", product_ids: ["BTC-USD"] }] }));
  await expect.poll(() => frames.length).toBeGreaterThan(3);
  expect(frames[0]?.type).toBe("subscriptions");
  expect(frames[1]).toMatchObject({ type: "ticker", product_id: "BTC-USD" });
  const last = frames.at(-1);
  expect(Math.abs(Date.parse(last?.time ?? "") - Date.now())).toBeLessThan(2_000);
  expect(Number(last?.price)).toBeCloseTo(prices.at("BTC", Date.parse(last?.time ?? "")), 2);
  standIn.faults = { silent: true };
  const rest = await fetch(`${listening.origin}/products/ETH-USD/ticker`);
  expect(Number((await rest.json()).price)).toBeGreaterThan(3_000);
  socket.terminate();
  await listening.stop();
});

test("Kraken gives 720 candles that end in the price of now, under its own name of the pair", async () => {
  const prices = priceModel();
  const listening = await listen(krakenStandIn({ prices, requests: requestLog() }));
  for (const [pair, name, coin] of [
    ["XBTUSD", "XXBTZUSD", "BTC"],
    ["ETHUSD", "XETHZUSD", "ETH"],
  ] as const) {
    const answer = await fetch(`${listening.origin}/0/public/OHLC?pair=${pair}&interval=60`);
    const { result } = await answer.json();
    expect(Object.keys(result)).toEqual([name, "last"]);
    expect(result[name]).toHaveLength(720);
    expect(Number(result[name].at(-1)[4]) / prices.at(coin, Date.now())).toBeCloseTo(1, 3);
    expect(result[name].every((row: string[]) => Number(row[2]) >= Number(row[3]))).toBe(true);
  }
  await listening.stop();
});

test("Coinbase lists the trades of the minute before, newest first, at the prices of then", async () => {
  const prices = priceModel();
  const listening = await listen(coinbaseStandIn({ prices, requests: requestLog() }));
  const trades: { time: string; price: string }[] = await (
    await fetch(`${listening.origin}/products/BTC-USD/trades`)
  ).json();
  const times = trades.map(({ time }) => Date.parse(time));
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  expect((times[0] ?? 0) - (times.at(-1) ?? 0)).toBeGreaterThan(60_000);
  expect(trades.every(({ time, price }) => Number(price) === prices.at("BTC", Date.parse(time)))).toBe(true);
  expect((await fetch(`${listening.origin}/products/DOGE-USD/trades`)).status).toBe(404);
  await listening.stop();
});
