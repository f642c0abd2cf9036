import { expect, test } from "playwright/test";
import { judgeMarketsPriced, judgeMarketsStored } from "./markets.ts";
import { market } from "./test-facts.ts";

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
