import type { WebSocket } from "ws";
import { WebSocketServer } from "ws";
import { z } from "zod";
import type { RequestLog } from "../requests.ts";
import { jsonReply, type Reply, type StandIn, urlOf, writeReply } from "../stand-in.ts";
import type { Coin, PriceModel } from "./prices.ts";

/** What goes wrong at Coinbase on purpose. */
export interface CoinbaseFaults {
  /** Subscribed, and nothing comes. */
  silent?: boolean;
  /** Ticker times lie this far in the past. */
  staleByMs?: number;
  refuseSubscription?: boolean;
  /** REST answers 429. */
  tooManyRequests?: boolean;
}

export interface CoinbaseOptions {
  prices: PriceModel;
  requests: RequestLog;
  now?: () => number;
  /** Between two ticks of a product. */
  tickMs?: number;
}

export interface CoinbaseStandIn extends StandIn {
  faults: CoinbaseFaults;
}

const coins: Readonly<Record<string, Coin>> = { "BTC-USD": "BTC", "ETH-USD": "ETH" };
const unsubscribedPatienceMs = 5_000;

const subscribe = z.object({
  type: z.enum(["subscribe", "unsubscribe"]),
  product_ids: z.array(z.string()).optional(),
  channels: z.array(z.union([z.string(), z.object({ name: z.string(), product_ids: z.array(z.string()).optional() })])),
});

/** Coinbase's public feed: the websocket's ticker and heartbeat channels, and two REST prices (facts/kalshi.md section 8). */
export function coinbaseStandIn(options: CoinbaseOptions): CoinbaseStandIn {
  const { prices, requests, now = Date.now, tickMs = 300 } = options;
  const server = new WebSocketServer({ noServer: true });
  const timers = new Set<NodeJS.Timeout>();
  let sequence = 1;

  const money = (amount: number) => amount.toFixed(2);
  const ticker = (product: string, coin: Coin) => {
    const time = now() - (standIn.faults.staleByMs ?? 0);
    const price = prices.at(coin, time);
    sequence += 1;
    return {
      type: "ticker",
      sequence,
      product_id: product,
      price: money(price),
      open_24h: money(prices.at(coin, time - 86_400_000)),
      volume_24h: "8123.45678901",
      low_24h: money(price * 0.985),
      high_24h: money(price * 1.012),
      volume_30d: "243703.12345678",
      best_bid: money(price - 0.01),
      best_bid_size: "0.12345678",
      best_ask: money(price),
      best_ask_size: "0.23456789",
      side: sequence % 2 === 0 ? "buy" : "sell",
      time: new Date(time).toISOString().replace("Z", "000Z"),
      trade_id: 1_008_094_000 + sequence,
      last_size: "0.0003128",
    };
  };

  /** The last trades, newest first as Coinbase lists them: one a second of the last 70. */
  const trades = (coin: Coin) =>
    Array.from({ length: 70 }, (_, age) => {
      const time = Math.floor(now() / 1000) * 1000 - age * 1000;
      return {
        trade_id: 1_008_094_000 - age,
        side: age % 2 === 0 ? "buy" : "sell",
        size: "0.0003128",
        price: money(prices.at(coin, time)),
        time: new Date(time).toISOString().replace("Z", "000Z"),
      };
    });

  function every(ms: number, socket: WebSocket, send: () => void): void {
    const timer = setInterval(send, ms);
    timers.add(timer);
    socket.once("close", () => {
      clearInterval(timer);
      timers.delete(timer);
    });
  }

  function serve(socket: WebSocket): void {
    const patience = setTimeout(() => socket.close(1008, "no subscription"), unsubscribedPatienceMs);
    socket.once("close", () => clearTimeout(patience));
    socket.on("error", () => socket.terminate());
    socket.on("message", (data) => {
      const send = (frame: unknown) => socket.send(JSON.stringify(frame));
      const parsed = subscribe.safeParse(jsonOf(data.toString()));
      if (!parsed.success || standIn.faults.refuseSubscription) {
        return send({ type: "error", message: "Failed to subscribe", reason: "ticker is not a valid channel" });
      }
      clearTimeout(patience);
      const channels = parsed.data.channels.map((channel) =>
        typeof channel === "string"
          ? { name: channel, product_ids: parsed.data.product_ids ?? [] }
          : { name: channel.name, product_ids: channel.product_ids ?? parsed.data.product_ids ?? [] },
      );
      send({ type: "subscriptions", channels });
      for (const { name, product_ids } of channels) {
        for (const product of product_ids) {
          const coin = coins[product];
          if (!coin) continue;
          const tick = () => {
            if (!standIn.faults.silent) send(ticker(product, coin));
          };
          if (name === "ticker") {
            tick();
            every(tickMs, socket, tick);
          }
          if (name === "heartbeat") {
            const time = () => new Date(now()).toISOString();
            every(1000, socket, () =>
              send({ type: "heartbeat", sequence, last_trade_id: 1, product_id: product, time: time() }),
            );
          }
        }
      }
    });
  }

  function answer(path: string): Reply {
    if (standIn.faults.tooManyRequests) return jsonReply({ message: "Public rate limit exceeded" }, 429);
    if (path === "/time") return jsonReply({ iso: new Date(now()).toISOString(), epoch: now() / 1000 });
    const [, traded = ""] = /^\/products\/([A-Z-]+)\/trades$/.exec(path) ?? [];
    const tradedCoin = coins[traded];
    if (tradedCoin) return jsonReply(trades(tradedCoin));
    const [, product = ""] =
      /^\/products\/([A-Z-]+)\/ticker$/.exec(path) ?? /^\/v2\/prices\/([A-Z-]+)\/spot$/.exec(path) ?? [];
    const coin = coins[product];
    if (!coin) return jsonReply({ message: "NotFound" }, 404);
    if (path.startsWith("/v2/")) {
      const [base, currency] = product.split("-");
      return jsonReply({ data: { amount: money(prices.at(coin, now())), base, currency } });
    }
    const { price, best_bid: bid, best_ask: ask, trade_id, time, last_size: size } = ticker(product, coin);
    return jsonReply({ ask, bid, volume: "8123.45678901", trade_id, price, size, time });
  }

  const standIn: CoinbaseStandIn = {
    name: "coinbase",
    faults: {},
    handle(request, response) {
      const reply =
        request.method === "GET" ? answer(urlOf(request).pathname) : jsonReply({ message: "NotFound" }, 404);
      requests.note(seen(request.method ?? "", request.headers.host ?? "", request.url ?? "", reply.status, false));
      writeReply(response, reply, now());
    },
    upgrade(request, socket, head) {
      requests.note(seen("GET", request.headers.host ?? "", request.url ?? "", 101, true));
      server.handleUpgrade(request, socket, head, serve);
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
  const seen = (method: string, host: string, path: string, status: number, websocket: boolean) =>
    ({ at: now(), standIn: "coinbase", method, host, path, status, websocket, key: "none" }) as const;
  return standIn;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
