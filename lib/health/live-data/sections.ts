import { z } from "zod";

const count = z.number().int();
const seconds = z.number().nullable();

const prices = z.object({
  price: z.number().nullable(),
  momentum: z.number().nullable(),
  /** Age of the newest second by New York's clock; negative where it lies ahead. */
  ageSeconds: seconds,
  secondsInLastMinute: count,
  changeAgeSeconds: seconds,
});

const markets = z.object({
  event: z.string(),
  secondsIntoHour: z.number(),
  rows: count,
  ageSeconds: seconds,
  withStrike: count,
  priced: count,
  zeros: count,
  previousAgeSeconds: seconds,
  newestEvent: z.string().nullable(),
});

const strikeTable = z.object({
  rows: count,
  ageSeconds: seconds,
  distinctProbabilities: count,
  defaults: count,
  withAsks: count,
  event: z.string().nullable(),
  price: z.number().nullable(),
  momentum: z.number().nullable(),
  ttcSeconds: z.number().nullable(),
});

const lookup = z.object({ answers: z.boolean() });
const watchlist = z.object({ rows: count, event: z.string().nullable(), probability: z.number().nullable() });

const autoEntry = z
  .object({
    ageSeconds: seconds,
    status: z.string().nullable(),
    enabled: z.boolean().nullable(),
    minProbability: z.number().nullable(),
  })
  .nullable();

const healthRow = z
  .object({
    ageSeconds: seconds,
    overall: z.string().nullable(),
    healthy: count.nullable(),
    total: count.nullable(),
    failed: z.array(z.string()),
  })
  .nullable();

const account = z.object({
  balances: count,
  balance: z.number().nullable(),
  ageSeconds: seconds,
  positions: count,
  positionsWithoutNumbers: count,
  fills: count,
  fillsWithoutNumbers: count,
});

/** The sections of the live data: each is one file in sql/probes/live-data/ that yields one JSON value. */
export const sections = {
  pricesBtc: {
    file: "probes/live-data/prices-btc.sql",
    shape: prices,
    reads: ["live_data.live_price_log_1s_btc", "live_data.price_change_btc"],
  },
  pricesEth: {
    file: "probes/live-data/prices-eth.sql",
    shape: prices,
    reads: ["live_data.live_price_log_1s_eth", "live_data.price_change_eth"],
  },
  markets: { file: "probes/live-data/markets.sql", shape: markets, reads: ["live_data.market_kalshi_btc"] },
  strikeTable: { file: "probes/live-data/strike-table.sql", shape: strikeTable, reads: ["live_data.strike_table_btc"] },
  lookup: { file: "probes/live-data/lookup.sql", shape: lookup, reads: ["analytics.probability_lookup_btc"] },
  watchlist: { file: "probes/live-data/watchlist.sql", shape: watchlist, reads: ["live_data.watchlist_btc"] },
  autoEntry: { file: "probes/live-data/auto-entry.sql", shape: autoEntry, reads: ["users.auto_trade_settings_0001"] },
  healthRow: { file: "probes/live-data/health-row.sql", shape: healthRow, reads: ["system.health_status"] },
  account: {
    file: "probes/live-data/account.sql",
    shape: account,
    reads: ["users.account_balance_0001", "users.positions_0001", "users.fills_0001"],
  },
} as const;

export type SectionName = keyof typeof sections;
export type Section<Name extends SectionName> = z.infer<(typeof sections)[Name]["shape"]>;

export type Prices = Section<"pricesBtc">;
export type Markets = Section<"markets">;
export type StrikeTable = Section<"strikeTable">;
export type Lookup = Section<"lookup">;
export type Watchlist = Section<"watchlist">;
export type AutoEntry = Section<"autoEntry">;
export type HealthRowFacts = Section<"healthRow">;
export type Account = Section<"account">;

/** A section that was read, or the sentence that says why it was not. */
export type Read<Facts> = { facts: Facts } | { unreadable: string; reads: readonly string[] };

/** Everything at one moment. Each section stands for itself: a missing table takes no other section with it. */
export type LiveData = { readonly [Name in SectionName]: Read<Section<Name>> };
