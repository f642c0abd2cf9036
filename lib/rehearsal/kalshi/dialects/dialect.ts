import type { Account, Order } from "../account.ts";
import type { HourlyEvent, Quote } from "../markets.ts";

/** `2025`: whole cents, as REC.IO's checkouts were written for. `today`: the API of facts/kalshi.md. */
export type DialectName = "2025" | "today";

export interface Money {
  cents: number;
  byShard: Readonly<Record<string, number>>;
  /** Breakdown by shard is kept from keys of a sub-account. */
  breakdown: boolean;
}

/** How one generation of the API words the same facts. Everything returned is the body of an answer or a frame's `msg`. */
export interface Dialect {
  readonly name: DialectName;
  event(event: HourlyEvent): Record<string, unknown>;
  market(quote: Quote): Record<string, unknown>;
  balance(money: Money, now: number): Record<string, unknown>;
  positions(account: Account, now: number): Record<string, unknown>;
  fills(account: Account): Record<string, unknown>;
  orders(account: Account): Record<string, unknown>;
  settlements(account: Account): Record<string, unknown>;
  /** The body of a created order, or undefined where the endpoint is retired. */
  created?: (order: Order, account: Account) => Record<string, unknown>;
  snapshot(quote: Quote): Record<string, unknown>;
  ticker(quote: Quote, time: number): Record<string, unknown>;
  position(order: Order, account: Account): Record<string, unknown>;
}

export const iso = (time: number): string => new Date(time).toISOString();

/** "$118,000 or above". */
export const strikeWords = (strike: number): string => `$${strike.toLocaleString("en-US")} or above`;

/** What both generations say of a market in the same words. */
export function commonMarket({ event, ticker, strike }: Quote): Record<string, unknown> {
  return {
    ticker,
    event_ticker: event.ticker,
    market_type: "binary",
    title: "Bitcoin price",
    yes_sub_title: strikeWords(strike),
    no_sub_title: strikeWords(strike),
    open_time: iso(event.opensAt),
    close_time: iso(event.closesAt),
    expected_expiration_time: iso(event.closesAt + 300_000),
    expiration_time: iso(event.closesAt + 7 * 86_400_000),
    latest_expiration_time: iso(event.closesAt + 7 * 86_400_000),
    settlement_timer_seconds: 60,
    status: "active",
    result: "",
    can_close_early: false,
    expiration_value: "",
    strike_type: "greater",
    floor_strike: strike - 0.01,
    rules_primary: `If the price of Bitcoin is above ${(strike - 0.01).toFixed(2)}, then the market resolves to Yes.`,
    rules_secondary: "",
  };
}

export function commonEvent(event: HourlyEvent): Record<string, unknown> {
  return {
    event_ticker: event.ticker,
    series_ticker: event.series,
    title: "Bitcoin price",
    sub_title: `Closes ${iso(event.closesAt)}`,
    collateral_return_type: "MECNET",
    mutually_exclusive: false,
    category: "Crypto",
    strike_date: iso(event.closesAt),
  };
}
