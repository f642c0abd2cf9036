/** A route or a field that the exchange has taken away, with the day and the source of that knowledge. */
export interface Retirement {
  /** ISO date on which it was first seen gone. */
  since: string;
  /** Where this is known from; it cannot be asked, for we send the exchange nothing but GET. */
  source: string;
}

/** POST routes for orders that answer no more. Recorded on the wire by others: production 2026-06-30 and 2026-08-24, demo 2026-09-08. */
export const retiredOrderRoutes: readonly (Retirement & {
  path: string;
  status: number;
  code: string;
  instead: string;
})[] = [
  {
    path: "/portfolio/orders",
    since: "2026-06-30",
    status: 410,
    code: "deprecated_v1_order_endpoint",
    instead: "POST /portfolio/events/orders",
    source: "answers recorded on production and demo, 2026-06-30 to 2026-09-08",
  },
];

/**
 * Fields of a market in whole cents and counts. They vanished between January and March 2026, so an exchange that still
 * sends them is older than the retirement of the order route.
 */
export const retiredMarketFields: Retirement & { fields: readonly string[] } = {
  fields: [
    "yes_bid",
    "yes_ask",
    "no_bid",
    "no_ask",
    "last_price",
    "volume",
    "volume_24h",
    "open_interest",
    "liquidity",
  ],
  since: "2026-03-12",
  source: "the exchange's changelog and recorded answers; today there are *_dollars and *_fp strings",
};
