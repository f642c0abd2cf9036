import { randomUUID } from "node:crypto";
import { eventTicker } from "./markets.ts";

/** One executed order. Prices in whole cents. */
export interface Order {
  orderId: string;
  clientOrderId: string;
  ticker: string;
  side: "yes" | "no";
  action: "buy" | "sell";
  count: number;
  yesPrice: number;
  at: number;
}

export interface Settlement {
  ticker: string;
  result: "yes" | "no";
  count: number;
  costCents: number;
  revenueCents: number;
  at: number;
}

/** What an account holds: one trade of yesterday that is settled, and whatever was ordered here since. */
export interface Account {
  readonly memberId: string;
  readonly orders: Order[];
  readonly settlements: Settlement[];
  /** Fees of an order, in cents (Kalshi's published rate: 7 % of price times its complement). */
  fees(order: Order): number;
  execute(order: Omit<Order, "orderId">): Order;
}

const day = 86_400_000;

/** An account with a past, so that what reads fills, orders and settlements has something to read. */
export function account(now: number): Account {
  const closed = Math.floor((now - day) / 3_600_000) * 3_600_000;
  const ticker = `${eventTicker(closed)}-T117749.99`;
  const first: Order = {
    orderId: randomUUID(),
    clientOrderId: randomUUID(),
    ticker,
    side: "yes",
    action: "buy",
    count: 3,
    yesPrice: 91,
    at: closed - 900_000,
  };
  const orders = [first];
  return {
    memberId: randomUUID(),
    orders,
    settlements: [{ ticker, result: "yes", count: 3, costCents: 273, revenueCents: 300, at: closed + 60_000 }],
    fees: ({ yesPrice, count }) => Math.ceil(0.07 * count * (yesPrice / 100) * (1 - yesPrice / 100) * 100),
    execute(order) {
      const executed = { ...order, orderId: randomUUID() };
      orders.unshift(executed);
      return executed;
    },
  };
}
