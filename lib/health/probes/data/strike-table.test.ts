import { expect, test } from "playwright/test";
import { judgeStrikeTable, judgeStrikeTableUsable, judgeWatchlist, type StrikeTableFacts } from "./strike-table.ts";
import { type Facts, known, market } from "./test-facts.ts";

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
