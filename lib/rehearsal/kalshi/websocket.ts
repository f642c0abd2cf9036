import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import type { PriceModel } from "../feeds/prices.ts";
import type { Account, Order } from "./account.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { quoteOf } from "./markets.ts";
import type { ExchangeState } from "./state.ts";

const command = z.object({
  id: z.number().int().optional(),
  cmd: z.string(),
  params: z.object({
    channels: z.array(z.string()).optional(),
    market_ticker: z.string().optional(),
    market_tickers: z.array(z.string()).optional(),
  }),
});

const perMarket = ["orderbook_delta", "ticker", "ticker_v2", "trade"];
const wholeAccount = [
  "market_positions",
  "fill",
  "user_orders",
  "market_lifecycle_v2",
  "order_group_updates",
  "communications",
];

export interface FeedContext {
  dialect: Dialect;
  state: ExchangeState;
  prices: PriceModel;
  account: Account;
  /** This server's clock. */
  now(): number;
}

export interface Feed {
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells everybody who listens to positions of an order that was executed. */
  announce(order: Order): void;
  close(): void;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The websocket of the exchange (facts/kalshi.md section 5 and rows 21 to 23 of section 7). */
export function feed(context: FeedContext): Feed {
  const server = new WebSocketServer({ noServer: true });
  const positionListeners = new Map<WebSocket, number>();
  const { state } = context;

  function serve(socket: WebSocket): void {
    let nextSid = 1;
    const subscribed = new Set<string>();
    const send = (frame: unknown) => {
      // The real server ends its frames with a line break.
      if (socket.readyState === socket.OPEN) socket.send(`${JSON.stringify(frame)}\n`);
    };
    const timers: NodeJS.Timeout[] = [setInterval(() => socket.ping("heartbeat"), state.pingMs)];
    socket.once("close", () => {
      for (const timer of timers) clearInterval(timer);
      positionListeners.delete(socket);
    });
    socket.on("error", () => socket.terminate());

    const follow = (channel: string, market: string, sid: number) => {
      const quote = () => quoteOf(market, context.prices, context.now());
      const first = quote();
      if (channel === "orderbook_delta" && first) {
        send({ type: "orderbook_snapshot", sid, seq: 1, msg: context.dialect.snapshot(first) });
      }
      if (!channel.startsWith("ticker")) return;
      const tick = () => {
        const current = quote();
        const time = context.now() - (state.websocket === "stale" ? 600_000 : 0);
        if (current) send({ type: channel, sid, msg: context.dialect.ticker(current, time) });
      };
      tick();
      timers.push(setInterval(tick, state.tickMs));
    };

    socket.on("message", (data) => {
      const raw = parsed(data.toString());
      const failed = (id: number | undefined, code: number, msg: string) =>
        send({ ...(id === undefined ? {} : { id }), type: "error", msg: { code, msg } });
      if (raw === undefined) return failed(undefined, 1, "Unable to process message");
      const asked = command.safeParse(raw);
      if (!asked.success) return failed(undefined, 2, "Params required");
      const { id, cmd, params } = asked.data;
      if (cmd === "unsubscribe") return send({ id, type: "unsubscribed" });
      if (cmd !== "subscribe") return failed(id, 5, "Unknown command");
      if (!params.channels || params.channels.length === 0) return failed(id, 3, "Channels required");
      const markets = params.market_tickers ?? (params.market_ticker ? [params.market_ticker] : []);
      for (const channel of params.channels) {
        if (![...perMarket, ...wholeAccount].includes(channel)) return failed(id, 8, "Unknown channel name");
        if (channel === "orderbook_delta" && markets.length === 0) return failed(id, 14, "Market ticker required");
        if (markets.some((market) => !quoteOf(market, context.prices, context.now())))
          return failed(id, 16, "Market not found");
        if (subscribed.has(channel)) return failed(id, 6, "Already subscribed");
        if (state.websocket === "mute") continue;
        subscribed.add(channel);
        const sid = nextSid;
        nextSid += 1;
        send({ id, type: "subscribed", msg: { channel, sid } });
        if (channel === "market_positions") positionListeners.set(socket, sid);
        if (state.websocket === "silent") continue;
        for (const market of markets) follow(channel, market, sid);
      }
      if (state.websocket === "drop") socket.terminate();
    });
  }

  return {
    accept: (request, socket, head) => server.handleUpgrade(request, socket, head, serve),
    announce(order) {
      for (const [socket, sid] of positionListeners) {
        const frame = { type: "market_position", sid, msg: context.dialect.position(order, context.account) };
        socket.send(`${JSON.stringify(frame)}\n`);
      }
    },
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
