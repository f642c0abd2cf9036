import { expect, test } from "playwright/test";
import type { LiveData, Read } from "../../live-data/sections.ts";
import { testAnswers } from "../../test-world.ts";
import { judgeAutoEntryRow } from "./auto-entry.ts";
import { judgeHealthRow } from "./health-row.ts";
import { neededExchangeProbes, neededLiveDataProbes } from "./live-data.ts";
import { judgeMarketsPriced, judgeMarketsStored, type MarketFacts } from "./markets.ts";
import { judgeFresh, judgeMomentum, judgePriceWatchdog, type PriceFacts } from "./prices.ts";
import { judgeStrikeTable, judgeStrikeTableUsable, judgeWatchlist, type StrikeTableFacts } from "./strike-table.ts";

type Facts<Name extends keyof LiveData> = Extract<LiveData[Name], { facts: unknown }>["facts"];
const known = <T>(facts: T): Read<T> => ({ facts });

const btc = (changes: Partial<Facts<"pricesBtc">> = {}, up: number | undefined = 3600): PriceFacts => ({
  symbol: "btc",
  prices: known({
    price: 118_000,
    momentum: 0.031,
    ageSeconds: 1,
    secondsInLastMinute: 58,
    changeAgeSeconds: 40,
    ...changes,
  }),
  ...(up === undefined ? {} : { upForSeconds: up }),
});

test("prices are ok when fresh, plausible, dense and with momentum", () => {
  expect(judgePriceWatchdog(btc())).toMatchObject({
    level: "ok",
    says: "BTC $118,000.00, 1 s old, stored in 58 of the last 60 s. BTC momentum 0.031 %.",
  });
});

test("a watchdog that has just started is warming up and says how long, and one that runs for an hour has failed", () => {
  const none = { price: null, momentum: null, ageSeconds: null, secondsInLastMinute: 0, changeAgeSeconds: null };
  expect(judgePriceWatchdog(btc(none, 4))).toMatchObject({
    level: "unknown",
    says: "BTC prices are warming up, 16 s left.",
  });
  expect(judgePriceWatchdog(btc(none))).toMatchObject({ level: "fail" });
  expect(judgePriceWatchdog(btc({ secondsInLastMinute: 12 }, 15))).toMatchObject({
    level: "warn",
    says: "BTC prices are warming up, 60 s left.",
  });
  expect(judgePriceWatchdog(btc({ secondsInLastMinute: 12 }))).toMatchObject({
    level: "fail",
    says: expect.stringContaining("12 of the last 60"),
  });
  expect(judgeMomentum(btc({ momentum: null }, 31))).toMatchObject({
    level: "warn",
    says: "BTC momentum values are warming up, 59 s left.",
  });
  expect(judgeMomentum(btc({ momentum: null }))).toMatchObject({
    level: "fail",
    objects: ["live_data.live_price_log_1s_btc.momentum"],
  });
});

test("a program that does not run is given no patience", () => {
  const { upForSeconds: _up, ...stopped } = btc({ ageSeconds: 40 });
  expect(judgeFresh(stopped)).toMatchObject({ level: "fail", says: "The newest BTC price is 40 s old." });
});

test("a dead feed is red after 10 seconds, an absurd price at once", () => {
  expect(judgeFresh(btc({ ageSeconds: 10 })).level).toBe("ok");
  expect(judgeFresh(btc({ ageSeconds: 10.1 })).level).toBe("fail");
  for (const price of [0, -5, 12, null])
    expect(judgeFresh(btc({ price })), String(price)).toMatchObject({
      level: "fail",
      objects: ["live_data.live_price_log_1s_btc.price"],
    });
});

test("a row dated ahead, in the hour that New York repeats in November, is the checkout's and no failure", () => {
  expect(judgeFresh(btc({ ageSeconds: -3541 }))).toMatchObject({
    level: "warn",
    label: "checkout",
    says: expect.stringContaining("59 min ahead"),
  });
});

test("missing hourly changes are a warn: only a page shows them", () => {
  expect(judgePriceWatchdog(btc({ changeAgeSeconds: 500 })).level).toBe("warn");
  expect(judgePriceWatchdog(btc({ changeAgeSeconds: null })).level).toBe("warn");
});

const market = (changes: Partial<Facts<"markets">> = {}, more: Partial<MarketFacts> = {}): MarketFacts => ({
  markets: known({
    event: "KXBTCD-26NOV2015",
    secondsIntoHour: 900,
    rows: 50,
    ageSeconds: 1,
    withStrike: 50,
    priced: 30,
    zeros: 0,
    previousAgeSeconds: null,
    newestEvent: "KXBTCD-26NOV2015",
    ...changes,
  }),
  upForSeconds: 3600,
  ...more,
});

test("market rows of zeros are stored (the machine works) and not priced (the exchange speaks another dialect)", () => {
  const zeros = market({ priced: 0, zeros: 50 });
  expect(judgeMarketsStored(zeros).level).toBe("ok");
  expect(judgeMarketsPriced(zeros)).toMatchObject({
    level: "fail",
    says: expect.stringContaining("zeros"),
    objects: expect.arrayContaining(["live_data.market_kalshi_btc.volume"]),
  });
  expect(judgeMarketsPriced(market({ withStrike: 0, priced: 0, zeros: 50 }))).toMatchObject({
    level: "fail",
    objects: ["live_data.market_kalshi_btc.strike"],
  });
  expect(judgeMarketsPriced(market()).level).toBe("ok");
});

test("just before an event ends no market may have a price, which is no dialect", () => {
  expect(judgeMarketsPriced(market({ priced: 0, zeros: 3 })).level).toBe("warn");
});

test("stale markets are whose fault the exchange's own answer says", () => {
  const stale = { rows: 50, ageSeconds: 400 };
  const event = "KXBTCD-26NOV2015";
  expect(judgeMarketsStored(market(stale, { exchange: { event, status: 200, markets: 51 } }))).toMatchObject({
    level: "fail",
    says: expect.stringContaining("Kalshi lists 51"),
  });
  expect(judgeMarketsStored(market(stale, { exchange: { event, status: 404, markets: 0 } }))).toMatchObject({
    level: "warn",
    label: "exchange",
  });
  expect(judgeMarketsStored(market(stale, { exchange: { event, status: 503, markets: 0 } }))).toMatchObject({
    level: "warn",
    label: "exchange",
  });
  expect(judgeMarketsStored(market(stale, { exchange: { event, unreachable: "No way." } }))).toMatchObject({
    level: "fail",
    says: expect.stringContaining("cannot be reached"),
  });
  expect(
    judgeMarketsStored(market({ rows: 0, ageSeconds: null, secondsIntoHour: 5, previousAgeSeconds: 6 })).level,
  ).toBe("ok");
  expect(
    judgeMarketsStored(market({ rows: 0, ageSeconds: null, secondsIntoHour: 60, previousAgeSeconds: 61 })).level,
  ).toBe("fail");
});

const strikes = (
  changes: Partial<Facts<"strikeTable">> = {},
  more: Partial<StrikeTableFacts> = {},
): StrikeTableFacts => ({
  table: known({
    rows: 21,
    ageSeconds: 1,
    distinctProbabilities: 17,
    defaults: 0,
    withAsks: 21,
    event: "KXBTCD-26NOV2015",
    price: 118_000,
    momentum: 0.03,
    ttcSeconds: 1800,
    ...changes,
  }),
  lookup: known({ answers: true }),
  markets: market().markets,
  price: 118_000,
  upForSeconds: 3600,
  withoutData: false,
  ...more,
});

test("a strike table of 50.00 is red and names the lookup table, though it is fresh and has 21 rows", () => {
  const fifties = { distinctProbabilities: 2, defaults: 21 };
  expect(judgeStrikeTable(strikes(fifties, { lookup: known({ answers: false }) }))).toMatchObject({
    level: "fail",
    objects: ["analytics.probability_lookup_btc"],
    remedy: { stepId: "build-probability-lookup" },
  });
  expect(judgeStrikeTable(strikes(fifties, { lookup: { unreadable: "gone", reads: [] } })).level).toBe("fail");
  expect(judgeStrikeTable(strikes(fifties)).level).toBe("fail");
  expect(judgeStrikeTableUsable(strikes(fifties))).toMatchObject({ level: "fail", label: "machine" });
  expect(judgeStrikeTable(strikes()).level).toBe("ok");
});

test("in the last seconds of an hour few probabilities differ, and that is not 50.00", () => {
  expect(judgeStrikeTable(strikes({ distinctProbabilities: 1, defaults: 0, ttcSeconds: 4 })).level).toBe("ok");
});

test("an empty or stale strike table has failed, unless somebody else leaves it without strikes", () => {
  const empty = { rows: 0, ageSeconds: null, distinctProbabilities: 0, withAsks: 0 };
  expect(judgeStrikeTable(strikes(empty)).level).toBe("fail");
  expect(judgeStrikeTable(strikes({ ageSeconds: 11 })).level).toBe("fail");
  expect(judgeStrikeTable(strikes(empty, { upForSeconds: 5 })).level).toBe("unknown");
  const wordless = { markets: market({ withStrike: 0 }).markets };
  expect(judgeStrikeTable(strikes(empty, wordless))).toMatchObject({ level: "warn", label: "exchange" });
  expect(judgeStrikeTableUsable(strikes(empty, wordless))).toMatchObject({ level: "fail", label: "exchange" });
  const low = { price: 60_123 };
  expect(judgeStrikeTable(strikes(empty, low))).toMatchObject({
    level: "warn",
    label: "checkout",
    says: expect.stringContaining("$60,123"),
  });
  expect(judgeStrikeTableUsable(strikes(empty, low))).toMatchObject({ level: "fail", label: "checkout" });
});

test("a wild market beyond the lookup's momentum is the checkout's limit", () => {
  expect(judgeStrikeTable(strikes({ distinctProbabilities: 1, defaults: 21, momentum: 0.42 }))).toMatchObject({
    level: "warn",
    label: "checkout",
  });
});

test("without the data that the person chose to go without, the table is a warn and cannot be traded from", () => {
  const fifties = strikes(
    { distinctProbabilities: 1, defaults: 21 },
    { withoutData: true, lookup: known({ answers: false }) },
  );
  expect(judgeStrikeTable(fifties).level).toBe("warn");
  expect(judgeStrikeTableUsable(fifties).level).toBe("fail");
});

test("strikes without asks are computed and cannot be traded from", () => {
  expect(judgeStrikeTable(strikes({ withAsks: 0 })).level).toBe("ok");
  expect(judgeStrikeTableUsable(strikes({ withAsks: 0 })).level).toBe("fail");
});

test("an empty watchlist is right, an unreadable one is not", () => {
  expect(judgeWatchlist(known({ rows: 0, event: null, probability: null })).level).toBe("ok");
  expect(judgeWatchlist({ unreadable: "relation does not exist", reads: ["live_data.watchlist_btc"] })).toMatchObject({
    level: "fail",
    objects: ["live_data.watchlist_btc"],
  });
});

test("automated entry without its row, or with a row that stands still, has failed", () => {
  const row = { ageSeconds: 1, status: "DISABLED", enabled: false, minProbability: 95 };
  expect(judgeAutoEntryRow({ row: known(row), upForSeconds: 99 }).level).toBe("ok");
  expect(judgeAutoEntryRow({ row: known({ ...row, ageSeconds: 40 }), upForSeconds: 99 }).level).toBe("fail");
  expect(judgeAutoEntryRow({ row: known({ ...row, ageSeconds: 40 }), upForSeconds: 3 }).level).toBe("unknown");
  expect(judgeAutoEntryRow({ row: known(null) })).toMatchObject({ level: "fail", remedy: { stepId: "seed-rows" } });
});

const names = ["main_app", "trade_manager", "kalshi_account_sync"];
const monitor = (
  row: Partial<NonNullable<Facts<"healthRow">>>,
  more: { supervised?: string[]; without?: string[]; upForSeconds?: number } = {},
) =>
  judgeHealthRow({
    row: known({ ageSeconds: 5, overall: "healthy", healthy: 3, total: 3, failed: [], ...row }),
    supervised: names,
    without: [],
    upForSeconds: 900,
    ...more,
  });

test("healthy 12 of 12 counts for nothing when it is old", () => {
  expect(monitor({}).level).toBe("ok");
  expect(monitor({ ageSeconds: 612 })).toMatchObject({ level: "fail", says: expect.stringContaining("612 s ago") });
  expect(monitor({ ageSeconds: 612 }, { upForSeconds: 10 }).level).toBe("unknown");
});

test("a monitor that counts other programs, or sees none of them, looks at another supervisord", () => {
  expect(monitor({ total: 12, healthy: 12 }).level).toBe("fail");
  expect(monitor({ healthy: 0, failed: names, overall: "degraded" })).toMatchObject({
    level: "fail",
    remedy: { stepId: "install-hook" },
  });
  expect(monitor({ healthy: 2, failed: ["main_app"], overall: "degraded" })).toMatchObject({
    level: "fail",
    says: expect.stringContaining("main_app"),
  });
});

test("a program that the person went without is missed by the monitor and by nobody else", () => {
  const finding = monitor(
    { healthy: 2, failed: ["kalshi_account_sync"], overall: "degraded" },
    { supervised: ["main_app", "trade_manager"], without: ["kalshi_account_sync"] },
  );
  expect(finding).toMatchObject({
    level: "ok",
    says: expect.stringContaining("It misses kalshi_account_sync, as you agreed."),
  });
});

test("what nobody owns up to the exchange is required for installed, what it alone can spoil only for tradable", () => {
  const needs = Object.fromEntries(
    [
      ...neededLiveDataProbes(
        testAnswers({ kalshi: { kind: "key", environment: "demo", keyId: "a952bcbe-ec3b-4b5b-b8f9-11dae589608c" } }),
      ),
      ...neededExchangeProbes(testAnswers()),
    ].map(({ question, need }) => [question.id, need]),
  );
  expect(needs).toMatchObject({
    "markets-stored": "installed",
    "markets-priced": "tradable",
    "strike-table-computed": "installed",
    "strike-table-usable": "tradable",
    "exchange-order-route": "tradable",
    "exchange-market-fields": "tradable",
    "account-balance-stored": "installed",
  });
  const without = neededLiveDataProbes(
    testAnswers({
      consent: { systemPackages: false, goOnWithout: ["symbol_price_watchdog_eth", "kalshi_account_sync"] },
    }),
  );
  expect(without.find(({ question }) => question.id === "prices-eth-fresh")?.need).toBe("no");
  expect(without.some(({ question }) => question.id.startsWith("account-"))).toBe(false);
});

test("a monitor that was started again is waited for while its last life's state is recent, and a late one is warned about", () => {
  expect(monitor({ ageSeconds: 70 }, { upForSeconds: 10 })).toMatchObject({ level: "warn" });
  expect(monitor({ ageSeconds: 60 })).toMatchObject({ level: "warn", says: expect.stringContaining("60 s ago") });
  expect(monitor({ ageSeconds: 91 }).level).toBe("fail");
});
