import { type Break, soon } from "../break.ts";
import { answerOf, stateOf } from "../claims.ts";
import { hearAgain, makeDeaf } from "./deaf-strike-table.ts";

/** Writing stopped a minute ago, as after a transaction that was never ended; the old strikes are still shown. */
export const strikeTableStale: Break = {
  name: "strike-table-stale",
  title: "The strike table stops moving",
  expects: { probes: ["strike-table-computed"], level: "fail", cause: /strike table is \d+ s old/i },
  withinMs: soon,
  apartFrom: ["strike-table-empty"],
  claims: async ({ world }) => [
    await stateOf(world, "strike_table_generator"),
    await answerOf(world, "main_app", "/api/strike_tables/btc"),
  ],
  throw: async ({ world }) => {
    await makeDeaf(world.postgres);
    await world.postgres.query(
      "app",
      "UPDATE live_data.strike_table_btc SET timestamp = timestamp - interval '1 minute'",
    );
  },
  mend: ({ world }) => hearAgain(world.postgres),
};
