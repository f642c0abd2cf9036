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
  async mend({ world, speak }) {
    await speak("2025");
    // Fills are stored once: those that came in the other language would stay without numbers.
    await world.postgres.query("app", "DELETE FROM users.fills_0001 WHERE count IS NULL OR yes_price IS NULL");
  },
};
