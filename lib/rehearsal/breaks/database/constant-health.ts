import { type Break, soon } from "../break.ts";
import { answerOf, stateOf } from "../claims.ts";
import { hidden, unhideTable } from "./renamed.ts";

/** active_trade_supervisor's table is gone, and its /health is a constant. */
export const constantHealth: Break = {
  name: "constant-health",
  title: "A health check that is a constant",
  expects: { probes: ["schema-contract"], level: "fail", cause: /users\.active_trades_0001/ },
  withinMs: soon,
  claims: async ({ world }) => [
    await stateOf(world, "active_trade_supervisor"),
    await answerOf(world, "active_trade_supervisor", "/health"),
  ],
  throw: async ({ world }) => {
    await world.postgres.query("app", `ALTER TABLE users.active_trades_0001 RENAME TO ${hidden}`);
  },
  mend: ({ world }) => unhideTable(world.postgres, "users", "active_trades_0001"),
};
