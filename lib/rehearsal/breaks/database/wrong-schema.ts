import { sqlFile } from "../../../postgres/sql-file.ts";
import { type Break, soon } from "../break.ts";
import { answerOf, stateOf } from "../claims.ts";

/** A column is gone; whoever reads it gets defaults, and every program goes on RUNNING. */
export const wrongSchema: Break = {
  name: "wrong-schema",
  title: "A program runs, with the wrong schema",
  expects: { probes: ["schema-contract"], level: "fail", cause: /users\.trade_preferences_0001\.position_size/ },
  withinMs: soon,
  remedy: { stepId: "apply-schema", says: "Add what is missing" },
  claims: async ({ world }) => [await stateOf(world, "main_app"), await answerOf(world, "main_app", "/health")],
  throw: async ({ world }) => {
    await world.postgres.query("app", "ALTER TABLE users.trade_preferences_0001 DROP COLUMN IF EXISTS position_size");
  },
  async mend({ world, repair }) {
    const column = ["users", "trade_preferences_0001", "position_size"];
    const there = await world.postgres.query("app", sqlFile("rehearsal/column-there.sql"), column);
    if (there.length === 0) await repair("apply-schema");
  },
};
