import { expect, test } from "playwright/test";
import { judgeFresh, judgeMomentum, judgePriceWatchdog, type PriceFacts } from "./prices.ts";
import { type Facts, known } from "./test-facts.ts";

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

test("only what comes by itself is marked as warming up, with what is left of it", () => {
  expect(judgePriceWatchdog(btc({ secondsInLastMinute: 12 }, 15))).toMatchObject({ warmingUp: { secondsLeft: 60 } });
  expect(judgePriceWatchdog(btc({ momentum: null }, 31))).toMatchObject({ warmingUp: { secondsLeft: 59 } });
  expect(judgePriceWatchdog(btc({}, 15))).not.toHaveProperty("warmingUp");
  // Nobody waits for what only a page shows and what does not come.
  expect(judgePriceWatchdog(btc({ changeAgeSeconds: null }))).not.toHaveProperty("warmingUp");
});

test("missing hourly changes do not hide that momentum is still to come", () => {
  expect(judgePriceWatchdog(btc({ momentum: null, changeAgeSeconds: null }, 40))).toMatchObject({
    level: "warn",
    says: "BTC momentum values are warming up, 50 s left.",
    warmingUp: { secondsLeft: 50 },
  });
});
