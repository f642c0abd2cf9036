import { type Break, soon } from "../break.ts";
import { lastWord, stateOf } from "../claims.ts";

/** The exchange speaks today's language: the fields that this checkout reads are gone, and it stores zeros and "Saved". */
export const marketZeros: Break = {
  name: "market-zeros",
  title: "Kalshi sends only zeros",
  expects: { probes: ["markets-priced", "strike-table-usable"], level: "fail", cause: /the exchange no longer sends/ },
  withinMs: soon,
  claims: async ({ world }) => [
    await stateOf(world, "kalshi_market_watchdog"),
    await lastWord(world, "kalshi_market_watchdog"),
  ],
  throw: ({ speak }) => speak("today"),
  mend: ({ speak }) => speak("2025"),
};
