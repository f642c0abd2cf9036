import { type Break, soon } from "../break.ts";
import { lastWord, stateOf } from "../claims.ts";
import { hearAgain, makeDeaf } from "./deaf-strike-table.ts";

/** The generator says that it generated its records successfully; the table is empty. */
export const strikeTableEmpty: Break = {
  name: "strike-table-empty",
  title: "“Generated successfully”, and the table is empty",
  expects: { probes: ["strike-table-computed"], level: "fail", cause: /strike table is empty/i },
  withinMs: soon,
  apartFrom: ["strike-table-stale"],
  claims: async ({ world }) => [
    await stateOf(world, "strike_table_generator"),
    await lastWord(world, "strike_table_generator"),
  ],
  throw: async ({ world }) => {
    // Emptied by a statement that row triggers do not see, after they are there: no row comes in between.
    await makeDeaf(world.postgres);
    await world.postgres.query("app", "TRUNCATE live_data.strike_table_btc");
  },
  mend: ({ world }) => hearAgain(world.postgres),
};
