import type { RequestLog } from "../requests.ts";
import { jsonReply, type Reply, type StandIn, urlOf, writeReply } from "../stand-in.ts";
import type { Coin, PriceModel } from "./prices.ts";

export interface KrakenOptions {
  prices: PriceModel;
  requests: RequestLog;
  now?: () => number;
}

const minute = 60_000;
const rowsGiven = 720;

/** Kraken answers under its own name of a pair, whatever it was asked by. */
const pairs: Readonly<Record<string, { coin: Coin; name: string }>> = Object.fromEntries([
  ...["XBTUSD", "BTCUSD", "XXBTZUSD"].map((pair) => [pair, { coin: "BTC" as const, name: "XXBTZUSD" }]),
  ...["ETHUSD", "XETHZUSD"].map((pair) => [pair, { coin: "ETH" as const, name: "XETHZUSD" }]),
]);

/** Kraken's public candles and ticker, as REC.IO asks for them (pair=XBTUSD&interval=60; pair=BTCUSD). */
export function krakenStandIn({ prices, requests, now = Date.now }: KrakenOptions): StandIn {
  const money = (amount: number) => amount.toFixed(1);

  function candles(coin: Coin, intervalMs: number): unknown[][] {
    const open = Math.floor(now() / intervalMs) * intervalMs;
    return Array.from({ length: rowsGiven }, (_, row) => {
      const begins = open - (rowsGiven - 1 - row) * intervalMs;
      const ends = Math.min(begins + intervalMs, now());
      const along = Array.from({ length: 13 }, (_unused, part) =>
        prices.at(coin, begins + ((ends - begins) * part) / 12),
      );
      const mean = along.reduce((sum, price) => sum + price, 0) / along.length;
      const [first = 0, last = 0] = [along[0], along.at(-1)];
      return [
        begins / 1000,
        ...[first, Math.max(...along), Math.min(...along), last, mean].map(money),
        "41.12345678",
        1834,
      ];
    });
  }

  function ticker(coin: Coin): Record<string, unknown> {
    const price = prices.at(coin, now());
    const day = candles(coin, 60 * minute).slice(-24);
    const [highs, lows] = [2, 3].map((column) => day.map((row) => Number(row[column])));
    const mean = money(day.reduce((sum, row) => sum + Number(row[5]), 0) / day.length);
    return {
      a: [money(price + 0.1), "1", "1.000"],
      b: [money(price), "2", "2.000"],
      c: [money(price), "0.00012345"],
      v: ["812.34567890", "1934.56789012"],
      p: [mean, mean],
      t: [18345, 43210],
      l: [money(Math.min(...(lows ?? []))), money(Math.min(...(lows ?? [])))],
      h: [money(Math.max(...(highs ?? []))), money(Math.max(...(highs ?? [])))],
      o: money(prices.at(coin, Math.floor(now() / 86_400_000) * 86_400_000)),
    };
  }

  function answer(url: URL): Reply {
    if (url.pathname === "/0/public/Time")
      return jsonReply({ error: [], result: { unixtime: Math.floor(now() / 1000) } });
    const pair = pairs[url.searchParams.get("pair")?.toUpperCase() ?? ""];
    if (!pair) return jsonReply({ error: ["EQuery:Unknown asset pair"] });
    if (url.pathname === "/0/public/Ticker")
      return jsonReply({ error: [], result: { [pair.name]: ticker(pair.coin) } });
    if (url.pathname !== "/0/public/OHLC") return jsonReply({ error: ["EGeneral:Unknown method"] });
    const intervalMs = Number(url.searchParams.get("interval") ?? "1") * minute;
    if (!(intervalMs > 0)) return jsonReply({ error: ["EGeneral:Invalid arguments"] });
    const rows = candles(pair.coin, intervalMs);
    return jsonReply({ error: [], result: { [pair.name]: rows, last: rows.at(-2)?.[0] } });
  }

  return {
    name: "kraken",
    handle(request, response) {
      const reply =
        request.method === "GET" ? answer(urlOf(request)) : jsonReply({ error: ["EGeneral:Unknown method"] });
      const { method = "", url: path = "" } = request;
      const host = request.headers.host ?? "";
      requests.note({
        at: now(),
        standIn: "kraken",
        method,
        host,
        path,
        status: reply.status,
        websocket: false,
        key: "none",
      });
      writeReply(response, reply, now());
    },
    upgrade: (_request, socket) => socket.destroy(),
    close: () => {},
  };
}
