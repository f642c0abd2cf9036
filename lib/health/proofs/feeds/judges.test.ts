import { expect, test } from "playwright/test";
import { priceIn } from "../means/quote.ts";
import { judgeAccountSync } from "./account-sync.ts";
import { judgeQuote } from "./price-watchdog.ts";
import { judgeGenerator } from "./strike-table-generator.ts";

const known = <T>(facts: T) => ({ facts });

const account = {
  balances: 1,
  balance: 123_456,
  ageSeconds: 30,
  positions: 0,
  positionsWithoutNumbers: 0,
  fills: 0,
  fillsWithoutNumbers: 0,
};
const sync = (own: Parameters<typeof judgeAccountSync>[1], changes: Partial<typeof account> = {}, up = 60) =>
  judgeAccountSync({ account: known({ ...account, ...changes }), upForSeconds: up }, own);

test("the stored balance must be the one that Kalshi tells us, and no amount is said", () => {
  expect(sync({ cents: 123_456 }).level).toBe("ok");
  expect(sync({ cents: 123_457 }).level).toBe("fail");
  expect(sync({ cents: 123_457 }, { ageSeconds: 7200 }, 7300)).toMatchObject({ level: "warn", label: "checkout" });
  expect(sync({ notHad: "Kalshi answers 503.", theirFault: true })).toMatchObject({ level: "warn", label: "exchange" });
  expect(sync({ notHad: "Kalshi answers 401.", theirFault: false }).level).toBe("unknown");
  for (const finding of [sync({ cents: 123_456 }), sync({ cents: 999 })])
    expect(JSON.stringify(finding)).not.toMatch(/123.?456|999/);
});

test("a balance beyond the precision of REC.IO's column is compared with that precision", () => {
  const cents = 1_234_567_891;
  expect(sync({ cents }, { balance: Math.fround(cents) }).level).toBe("ok");
});

const table = {
  rows: 21,
  ageSeconds: 1,
  distinctProbabilities: 17,
  defaults: 0,
  withAsks: 21,
  event: "E",
  price: 118_000,
  momentum: 0.03,
  ttcSeconds: 1802,
};
const strikes = {
  table: known(table),
  lookup: known({ answers: true }),
  markets: known({
    event: "E",
    secondsIntoHour: 900,
    rows: 50,
    ageSeconds: 1,
    withStrike: 50,
    priced: 30,
    zeros: 0,
    previousAgeSeconds: null,
    newestEvent: "E",
  }),
  price: 118_000,
  upForSeconds: 900,
  withoutData: false,
};

test("a probability that the lookup table does not give is a failure, though the table looks alive", () => {
  const again = (theirs: number, ...ours: number[]) => judgeGenerator(strikes, { what: "a strike", theirs, ours });
  expect(again(74.65, 74.648)).toMatchObject({
    level: "ok",
    says: expect.stringContaining("74.65 % computed again as 74.65 %"),
  });
  expect(again(74.65, 71, 74.652).level).toBe("ok");
  expect(again(74.65, 74.7).level).toBe("fail");
  expect(again(74.65).level).toBe("fail");
  expect(judgeGenerator(strikes, undefined).level).toBe("unknown");
});

test("where the exchange leaves the table empty, the calculator alone still has to be right", () => {
  const empty = {
    ...strikes,
    table: known({ ...table, rows: 0, ageSeconds: null }),
    markets: known({ ...strikes.markets.facts, withStrike: 0 }),
  };
  expect(judgeGenerator(empty, { what: "alone", theirs: 93.71, ours: [93.71] })).toMatchObject({
    level: "warn",
    label: "exchange",
  });
  expect(judgeGenerator(empty, { what: "alone", theirs: 50, ours: [93.71] }).level).toBe("fail");
});

test("a price is compared with another source within 2 %, and without one nothing is claimed", () => {
  expect(judgeQuote("btc", 118_000, { price: 116_000, from: "Coinbase" }).level).toBe("ok");
  expect(judgeQuote("btc", 118_000, { price: 115_000, from: "Coinbase" }).level).toBe("fail");
  expect(judgeQuote("btc", 118_000, { notHad: "Coinbase does not answer" }).level).toBe("unknown");
  expect(judgeQuote("btc", null, { price: 118_000, from: "Coinbase" }).level).toBe("unknown");
  expect(priceIn({ price: "77668.92", time: "x" })).toBe(77_668.92);
  expect(
    priceIn({
      error: [],
      result: {
        XXBTZUSD: [
          [1, "1", "2", "3", "77001.5"],
          [2, "1", "2", "3", "77002.5"],
        ],
        last: 2,
      },
    }),
  ).toBe(77_002.5);
  for (const body of [{}, null, "<html>", { price: "0" }, { result: { last: 1 } }, { price: "x" }])
    expect(priceIn(body), JSON.stringify(body)).toBeUndefined();
});
