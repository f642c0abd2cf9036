import { type Break, soon } from "../break.ts";
import { answerOf, stateOf } from "../claims.ts";
import { hidden, unhideColumn } from "./renamed.ts";

/** The page of the strikes is answered with 200, and inside it stands an error. */
export const errorInside: Break = {
  name: "error-inside",
  title: "200 OK, with an error inside",
  expects: { probes: ["schema-contract"], level: "fail", cause: /live_data\.strike_table_btc\.active_side/ },
  withinMs: soon,
  claims: async ({ world }) => [
    await stateOf(world, "main_app"),
    await answerOf(world, "main_app", "/api/strike_tables/btc"),
  ],
  throw: async ({ world }) => {
    await world.postgres.query("app", `ALTER TABLE live_data.strike_table_btc RENAME COLUMN active_side TO ${hidden}`);
  },
  mend: ({ world }) => unhideColumn(world.postgres, "live_data", "strike_table_btc", "active_side"),
};
