import { atOnce, type Break } from "../break.ts";
import { answerOf, stateOf } from "../claims.ts";
import { startIfDown } from "./start-if-down.ts";

/** active_trade_supervisor is down; main_app answers 200 with a list, and in the list stands 503. */
export const listWith503: Break = {
  name: "list-with-503",
  title: "200 OK, with a 503 in a list",
  expects: { probes: ["programs-running"], level: "fail", cause: /active_trade_supervisor/ },
  withinMs: atOnce,
  remedy: { stepId: "start-services", says: "Start what is down" },
  claims: async ({ world }) => [
    await stateOf(world, "main_app"),
    await answerOf(world, "main_app", "/api/active_trades"),
  ],
  throw: ({ world }) => world.supervisor.stop("active_trade_supervisor"),
  mend: ({ world }) => startIfDown(world, "active_trade_supervisor"),
};
