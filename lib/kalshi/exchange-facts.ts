import type { UsedByCheckout } from "./kalshi.ts";
import { retiredOrderRoutes } from "./retirements.ts";

/** Whole-cent fields that every market of the older exchange carried. */
const centFields = ["yes_bid", "yes_ask", "last_price", "volume"] as const;

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

/** The first market of an answer to GET /markets or /events/…, or undefined. */
export function firstMarket(body: unknown): Record<string, unknown> | undefined {
  const markets = record(body)?.markets;
  return Array.isArray(markets) ? record(markets[0]) : undefined;
}

/** True where a market still carries the fields that are gone: then an older exchange answers, a stand-in's for example. */
export function speaksCents(market: Record<string, unknown> | undefined): boolean {
  return market !== undefined && centFields.every((field) => typeof market[field] === "number");
}

/** True where a market has a price or a volume above zero, in either generation's fields. */
export function hasLivePrices(market: Record<string, unknown>): boolean {
  const fields = [
    "yes_ask",
    "yes_bid",
    "last_price",
    "volume",
    "yes_ask_dollars",
    "yes_bid_dollars",
    "last_price_dollars",
    "volume_fp",
  ];
  return fields.some((field) => Number(market[field] ?? 0) > 0);
}

/** Fields that this checkout reads from a market and that the exchange does not send. */
export function missingFields(used: UsedByCheckout, market: Record<string, unknown>): string[] {
  return used.marketFields.filter((field) => !(field in market));
}

export type OrderEndpoint =
  | { is: "retired"; path: string; at: string; since: string }
  | { is: "served"; path: string; at: string }
  | { is: "not-known" };

/**
 * Whether the endpoint to which this checkout posts orders still exists. Judged from a dated fact, for nothing is ever
 * posted from here; where the exchange's own answers contradict an earlier dated fact, the later one is not believed.
 */
export function orderEndpoint(
  used: UsedByCheckout | undefined,
  market: Record<string, unknown> | undefined,
): OrderEndpoint {
  if (!used?.orderPath) return { is: "not-known" };
  const { path, at } = used.orderPath;
  const retired = retiredOrderRoutes.find((fact) => fact.path === path);
  if (!retired || speaksCents(market)) return { is: "served", path, at };
  return { is: "retired", path, at, since: retired.since };
}

/** "30 June 2026". */
export function spokenDate(iso: string): string {
  return new Date(`${iso}T00:00:00Z`).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}
