import { z } from "zod";
import type { PriceModel } from "../feeds/prices.ts";
import { jsonReply, type Reply, textReply } from "../stand-in.ts";
import type { Account, Order } from "./account.ts";
import { refusedWith } from "./auth.ts";
import type { Dialect, Money } from "./dialects/dialect.ts";
import { eventOf, nextEvent, quoteOf, quotesOf, series } from "./markets.ts";
import type { ExchangeState, RegisteredKey } from "./state.ts";

/** What a route may look at. */
export interface RouteContext {
  dialect: Dialect;
  state: ExchangeState;
  prices: PriceModel;
  account: Account;
  /** This server's clock. */
  now: number;
  query: URLSearchParams;
  body: string;
  /** Set on private routes. */
  key?: RegisteredKey;
  keys: Iterable<RegisteredKey>;
}

export interface Route {
  method: "GET" | "POST";
  /** Below the base; a last part `:x` fits anything without a slash. */
  path: string;
  /** Absent: public. */
  scope?: string;
  wholeAccount?: boolean;
  only?: Dialect["name"];
  answer(context: RouteContext, parameter: string): Reply;
}

const cryptoShard = "2";

function statusOf({ state, now }: RouteContext): Reply {
  const down = state.exchange === "down";
  const body = {
    exchange_active: !down,
    trading_active: state.exchange === "open",
    ...(state.exchange === "open" ? {} : { exchange_estimated_resume_time: new Date(now + 3_600_000).toISOString() }),
  };
  return jsonReply(body, down ? 503 : 200);
}

function moneyOf({ state, key }: RouteContext): Money {
  return {
    cents: state.balanceCents,
    byShard: state.shards ?? { "0": 0, [cryptoShard]: state.balanceCents },
    breakdown: key?.subaccount === undefined,
  };
}

function badParameter(route: string, what: string): Reply {
  return jsonReply({ msg: `Parameter validation failed for ${route}: ${what}` }, 400);
}

function marketList({ query, prices, now, dialect }: RouteContext): Reply {
  const limit = Number(query.get("limit") ?? "100");
  if (!Number.isInteger(limit) || limit < 0 || limit > 1000)
    return badParameter("GetMarkets", "limit must be at most 1000");
  const wanted = query.get("series_ticker") ?? series;
  const status = query.get("status") ?? "open";
  if (wanted !== series || status !== "open") return jsonReply({ cursor: "", markets: [] });
  const price = prices.at("BTC", now);
  const quotes = quotesOf(nextEvent(now), prices, now);
  // Nearest to the money first: whoever asks for one market gets one in which there is something to see.
  quotes.sort((a, b) => Math.abs(a.strike - price) - Math.abs(b.strike - price));
  return jsonReply({ cursor: "", markets: quotes.slice(0, limit || 100).map((quote) => dialect.market(quote)) });
}

const orderRequest = z.object({
  ticker: z.string().min(1),
  side: z.enum(["yes", "no"]),
  action: z.enum(["buy", "sell"]),
  count: z.number().int().positive(),
  client_order_id: z.string().default(""),
});

/** What an order's body asks for, or undefined where it is none. */
export function orderAskedFor(body: string): z.infer<typeof orderRequest> | undefined {
  try {
    const parsed = orderRequest.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function retiredOrder(): Reply {
  const details = "https://docs.kalshi.com/api-reference/orders/create-order-v2";
  return refusedWith(410, "deprecated_v1_order_endpoint", "Please switch to the V2 endpoints", details);
}

/** An order of 2025: executed at once, so that one that slips past the order lock cannot be overlooked. */
function createOrder({ body, prices, now, account, state, dialect }: RouteContext): Reply {
  const asked = orderAskedFor(body);
  if (!asked)
    return jsonReply({ code: "bad_request", message: "bad request", details: "json: cannot unmarshal order" }, 400);
  if (state.exchange !== "open") return refusedWith(409, "trading_is_paused", "trading is paused");
  const quote = quoteOf(asked.ticker, prices, now);
  if (!quote) return refusedWith(404, "not_found", "market not found");
  const order: Order = account.execute({
    clientOrderId: asked.client_order_id,
    ticker: asked.ticker,
    side: asked.side,
    action: asked.action,
    count: asked.count,
    yesPrice: asked.side === "yes" ? quote.yesAsk : 100 - quote.noAsk,
    at: now,
  });
  return jsonReply(dialect.created?.(order, account) ?? {}, 201);
}

/** The successor's endpoint never fakes a fill: it refuses, as the exchange would for want of money on the right shard. */
function createOrderToday(context: RouteContext): Reply {
  if (context.state.exchange === "paused") return refusedWith(409, "trading_is_paused", "trading is paused");
  if (context.state.exchange === "down") return refusedWith(409, "exchange_is_paused", "exchange is paused");
  if ((moneyOf(context).byShard[cryptoShard] ?? 0) <= 0) {
    const details = "Exchange user not found. Please refer to the Exchange Sharding documentation.";
    return refusedWith(404, "user_not_found", "user not found", details);
  }
  return refusedWith(400, "order_refused_by_stand_in", "a stand-in executes no order");
}

function keyList({ keys }: RouteContext): Reply {
  const listed = [...keys].map(({ keyId, name, scopes, subaccount }) => ({
    api_key_id: keyId,
    name,
    scopes,
    ...(subaccount === undefined ? {} : { subaccount }),
  }));
  return jsonReply({ api_keys: listed });
}

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export const routes: readonly Route[] = [
  { method: "GET", path: "/exchange/status", answer: statusOf },
  {
    method: "GET",
    path: "/exchange/schedule",
    answer: () => {
      const hours = [{ open_time: "00:00", close_time: "24:00" }];
      const standard = { start_time: "2025-01-01T00:00:00Z", end_time: "2030-01-01T00:00:00Z" };
      const days = Object.fromEntries(weekdays.map((name) => [name, hours]));
      return jsonReply({ schedule: { standard_hours: [{ ...standard, ...days }], maintenance_windows: [] } });
    },
  },
  { method: "GET", path: "/markets", answer: marketList },
  {
    method: "GET",
    path: "/markets/:ticker",
    answer: ({ prices, now, dialect }, ticker) => {
      const quote = quoteOf(ticker, prices, now);
      return quote ? jsonReply({ market: dialect.market(quote) }) : refusedWith(404, "not_found", "not found");
    },
  },
  {
    method: "GET",
    path: "/events/:ticker",
    answer: ({ prices, now, dialect }, ticker) => {
      const event = eventOf(ticker, now);
      if (!event) return refusedWith(404, "not_found", "not found");
      return jsonReply({
        event: dialect.event(event),
        markets: quotesOf(event, prices, now).map((quote) => dialect.market(quote)),
      });
    },
  },
  {
    method: "GET",
    path: "/portfolio/balance",
    scope: "read::portfolio_balance",
    answer: (context) => jsonReply(context.dialect.balance(moneyOf(context), context.now)),
  },
  {
    method: "GET",
    path: "/portfolio/positions",
    scope: "read",
    answer: (c) => jsonReply(c.dialect.positions(c.account, c.now)),
  },
  { method: "GET", path: "/portfolio/fills", scope: "read", answer: (c) => jsonReply(c.dialect.fills(c.account)) },
  { method: "GET", path: "/portfolio/orders", scope: "read", answer: (c) => jsonReply(c.dialect.orders(c.account)) },
  {
    method: "GET",
    path: "/portfolio/settlements",
    scope: "read",
    answer: (c) => jsonReply(c.dialect.settlements(c.account)),
  },
  { method: "GET", path: "/api_keys", scope: "read", wholeAccount: true, answer: keyList },
  {
    method: "GET",
    path: "/account/limits",
    scope: "read",
    answer: ({ state }) =>
      jsonReply({
        usage_tier: "basic",
        read: { refill_rate: state.readTokens, bucket_capacity: state.readTokens * 2 },
        write: { refill_rate: state.writeTokens, bucket_capacity: state.writeTokens },
        grants: [],
      }),
  },
  { method: "POST", path: "/portfolio/orders", only: "today", answer: retiredOrder },
  { method: "POST", path: "/portfolio/orders", only: "2025", scope: "write::trade", answer: createOrder },
  { method: "POST", path: "/portfolio/events/orders", only: "today", scope: "write::trade", answer: createOrderToday },
];

/** The route of a path below the base, with what stood in its parameter's place. */
export function routeOf(
  method: string,
  path: string,
  dialect: Dialect["name"],
): { route: Route; parameter: string } | undefined {
  for (const route of routes) {
    if (route.method !== method || (route.only !== undefined && route.only !== dialect)) continue;
    const [head = "", tail] = route.path.split("/:");
    if (tail === undefined) {
      if (path === route.path) return { route, parameter: "" };
    } else if (path.startsWith(`${head}/`) && !path.slice(head.length + 1).includes("/")) {
      return { route, parameter: decodeURIComponent(path.slice(head.length + 1)) };
    }
  }
  return undefined;
}

export const notThere = (): Reply => textReply("404 page not found\n", 404);

export const moved = (): Reply => ({
  status: 401,
  text: "API has been moved to https://api.elections.kalshi.com/. Please check our docs on how to migrate.",
  headers: { server: "awselb/2.0" },
});
