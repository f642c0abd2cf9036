import { expect, test } from "playwright/test";
import { judgeMarketsPriced, judgeMarketsStored } from "../probes/data/markets.ts";
import { judgeFresh, judgePriceWatchdog } from "../probes/data/prices.ts";
import { judgeStrikeTable } from "../probes/data/strike-table.ts";
import { type HealthWorld, healthWorld } from "../test-world.ts";
import { forWatching } from "../watching/shared-reading.ts";
import { liveData, readLiveData } from "./live-data.ts";

let health: HealthWorld;
test.beforeEach(async () => {
  health = await healthWorld();
});
test.afterEach(() => health.end());

const newYork = "now() AT TIME ZONE 'America/New_York'";
const event = `'KXBTCD-' || upper(to_char(${newYork} + interval '1 hour', 'YYMONDDHH24'))`;

/** A minute and a bit of prices, one a second, as the watchdog writes them. */
const prices = (symbol: string, price: number) =>
  health.sql(`INSERT INTO live_data.live_price_log_1s_${symbol} (timestamp, price, momentum)
    SELECT to_char(${newYork} - make_interval(secs => s), 'YYYY-MM-DD"T"HH24:MI:SS'), ${price}, 0.0312 FROM generate_series(0, 70) AS s`);

const markets = (columns: string) =>
  health.sql(`INSERT INTO live_data.market_kalshi_btc (event_ticker, market_ticker, strike, yes_ask, no_ask, volume)
    SELECT ${event}, 'M' || n, ${columns} FROM generate_series(1, 5) AS n`);

test("on empty tables every section is read and says so", async () => {
  const data = await readLiveData(health.world);
  expect(data.pricesBtc).toEqual({
    facts: { price: null, momentum: null, ageSeconds: null, secondsInLastMinute: 0, changeAgeSeconds: null },
  });
  expect(data.strikeTable).toMatchObject({ facts: { rows: 0, ageSeconds: null } });
  expect(data.lookup).toEqual({ facts: { answers: false } });
  expect(data.healthRow).toEqual({ facts: null });
  expect(data.autoEntry).toMatchObject({ facts: { enabled: false, minProbability: 95 } });
  expect(data.account).toMatchObject({ facts: { balances: 0, balance: null, ageSeconds: null } });
  expect(data.watchlist).toMatchObject({ facts: { rows: 0 } });
});

test("prices are aged by New York's clock, whichever zone the server is in", async () => {
  await health.sql(`ALTER DATABASE ${health.world.postgres.target.database} SET timezone = 'Asia/Tokyo'`);
  await health.world.postgres.forget();
  await prices("btc", 118_000);
  await health.sql(`INSERT INTO live_data.price_change_btc (change1h, timestamp) VALUES (0.1, ${newYork})`);
  const { pricesBtc } = await readLiveData(health.world);
  expect(judgePriceWatchdog({ symbol: "btc", prices: pricesBtc, upForSeconds: 300 })).toMatchObject({ level: "ok" });
  await health.sql(
    `DELETE FROM live_data.live_price_log_1s_btc WHERE timestamp > to_char(${newYork} - interval '40 seconds', 'YYYY-MM-DD"T"HH24:MI:SS')`,
  );
  const stale = await readLiveData(health.world);
  const finding = judgeFresh({ symbol: "btc", prices: stale.pricesBtc, upForSeconds: 300 });
  expect(finding).toMatchObject({ level: "fail", objects: ["live_data.live_price_log_1s_btc"] });
  expect(finding.says).toMatch(/4[0-9] s old/);
});

test("a price row with a broken timestamp does not take the other sections with it", async () => {
  await health.sql("INSERT INTO live_data.live_price_log_1s_btc (timestamp, price) VALUES ('zzz', 1)");
  const data = await readLiveData(health.world);
  expect(data.pricesBtc).toMatchObject({ facts: { ageSeconds: null } });
  expect(data.strikeTable).toHaveProperty("facts");
});

test("markets of this hour are stored and priced; the same rows with zeros are stored and not priced", async () => {
  await markets("'$118,' || n || '00', 40, 61, 1500");
  const good = await readLiveData(health.world);
  expect(judgeMarketsStored(good)).toMatchObject({ level: "ok" });
  expect(judgeMarketsPriced(good)).toMatchObject({ level: "ok" });
  await health.sql("UPDATE live_data.market_kalshi_btc SET yes_ask = 0, no_ask = 0, volume = 0");
  const zeros = await readLiveData(health.world);
  expect(judgeMarketsStored(zeros)).toMatchObject({ level: "ok" });
  expect(judgeMarketsPriced(zeros)).toMatchObject({
    level: "fail",
    objects: expect.arrayContaining(["live_data.market_kalshi_btc.yes_ask"]),
  });
  await health.sql("UPDATE live_data.market_kalshi_btc SET updated_at = now() - interval '5 minutes'");
  expect(judgeMarketsStored(await readLiveData(health.world))).toMatchObject({ level: "fail" });
});

test("an emptied lookup table and a strike table of 50.00 are red and named; filled again they are green", async () => {
  const strikes = (probability: string) =>
    health.sql(`DELETE FROM live_data.strike_table_btc; INSERT INTO live_data.strike_table_btc (strike, current_price, ttc_seconds, probability, yes_ask, no_ask, momentum_weighted_score)
      SELECT 118000 + n * 250, 118123.45, 1802, ${probability}, 40, 61, 0.031 FROM generate_series(1, 21) AS n`);
  await strikes("CASE WHEN n > 8 THEN 99.90 ELSE 50.00 END");
  const look = async () => {
    const data = await readLiveData(health.world);
    return judgeStrikeTable({
      table: data.strikeTable,
      lookup: data.lookup,
      markets: data.markets,
      price: 118_123,
      upForSeconds: 300,
      withoutData: false,
    });
  };
  expect(await look()).toMatchObject({
    level: "fail",
    objects: ["analytics.probability_lookup_btc"],
    remedy: { stepId: "build-probability-lookup" },
  });
  await health.sql("DROP TABLE analytics.probability_lookup_btc");
  expect(await look()).toMatchObject({ level: "fail", objects: ["analytics.probability_lookup_btc"] });
  await strikes("50 + n * 2.1");
  expect(await look()).toMatchObject({ level: "ok" });
});

test("a missing table takes its own section and no other", async () => {
  await health.sql("DROP TABLE live_data.watchlist_btc");
  await health.sql("DROP TABLE live_data.live_price_log_1s_btc");
  await health.sql("DROP TABLE live_data.live_price_log_1s_eth");
  const data = await readLiveData(health.world);
  expect(data.watchlist).toMatchObject({
    unreadable: expect.stringContaining("watchlist_btc"),
    reads: ["live_data.watchlist_btc"],
  });
  expect(data.pricesBtc).toHaveProperty("unreadable");
  expect(data.autoEntry).toHaveProperty("facts");
  expect(data.healthRow).toHaveProperty("facts");
});

test("a column of another type takes its own section and no other", async () => {
  await health.sql("ALTER TABLE system.health_status ALTER COLUMN failed_services TYPE integer USING 0");
  const data = await readLiveData(health.world);
  expect(data.healthRow).toMatchObject({ unreadable: expect.any(String), reads: ["system.health_status"] });
  expect(data.autoEntry).toHaveProperty("facts");
});

test("a database that is away is a problem of its own and no section's", async () => {
  await health.sql(`REVOKE CONNECT ON DATABASE ${health.world.postgres.target.database} FROM PUBLIC`);
  await health.world.postgres.forget();
  await expect(readLiveData(health.world)).rejects.toMatchObject({ code: expect.stringMatching(/^database\./) });
});

test("everybody who asks on one beat of the watch shares one reading, and a step does not", async () => {
  let statements = 0;
  const { postgres } = health.world;
  const query: typeof postgres.query = (...args) => {
    statements += 1;
    return postgres.query(...args);
  };
  const counted = { ...postgres, query };
  const watching = forWatching(counted);
  await Promise.all(Array.from({ length: 12 }, () => liveData({ postgres: watching })));
  expect(statements).toBe(1);
  await Promise.all(Array.from({ length: 3 }, () => liveData({ postgres: counted })));
  expect(statements).toBe(4);
});
