import { type Break, soon } from "../break.ts";
import { answerOf, stateOf } from "../claims.ts";
import { hidden, unhideTable } from "./renamed.ts";

/** trade_manager's table is gone, and its /health is a constant. */
export const constantHealth: Break = {
  name: "constant-health",
  title: "A health check that is a constant",
  expects: { probes: ["schema-contract"], level: "fail", cause: /users\.trades_0001/ },
  withinMs: soon,
  claims: async ({ world }) => [
    await stateOf(world, "trade_manager"),
    await answerOf(world, "trade_manager", "/health"),
  ],
  throw: async ({ world }) => {
    await world.postgres.query("app", `ALTER TABLE users.trades_0001 RENAME TO ${hidden}`);
  },
  mend: ({ world }) => unhideTable(world.postgres, "users", "trades_0001"),
};
