import { type Break, soon } from "../break.ts";
import { lastWord, stateOf } from "../claims.ts";

/** The lookup is empty; the strike table is as fresh as ever and says 50.00 everywhere. */
export const allFifty: Break = {
  name: "all-fifty",
  title: "All probabilities become 50.00",
  expects: {
    probes: ["probability-lookup", "strike-table-computed"],
    level: "fail",
    cause: /analytics\.probability_lookup_btc/,
  },
  withinMs: soon,
  remedy: { stepId: "build-probability-lookup", says: "Rebuild the lookup" },
  claims: async ({ world }) => [
    await stateOf(world, "strike_table_generator"),
    await lastWord(world, "strike_table_generator"),
  ],
  throw: async ({ world }) => {
    await world.postgres.query("app", "TRUNCATE analytics.probability_lookup_btc");
  },
  async mend({ world, repair }) {
    const rows = await world.postgres.query("app", "SELECT 1 FROM analytics.probability_lookup_btc LIMIT 1");
    if (rows.length === 0) await repair("build-probability-lookup");
  },
};
