import type { LiveData, Read } from "../../live-data/sections.ts";
import type { MarketFacts } from "./markets.ts";

export type Facts<Name extends keyof LiveData> = Extract<LiveData[Name], { facts: unknown }>["facts"];
export const known = <T>(facts: T): Read<T> => ({ facts });

/** Markets of an hour at its first quarter, as the watchdog stores them; what a test is about is changed. */
export const market = (changes: Partial<Facts<"markets">> = {}, more: Partial<MarketFacts> = {}): MarketFacts => ({
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
