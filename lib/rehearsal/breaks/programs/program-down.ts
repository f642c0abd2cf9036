import { atOnce, type Break } from "../break.ts";
import { answerOf } from "../claims.ts";
import { startIfDown } from "./start-if-down.ts";

/** trade_executor is down; whoever opens REC.IO's page sees that all is well. */
export const programDown: Break = {
  name: "program-down",
  title: "A program is down, and the page does not say so",
  expects: { probes: ["programs-running"], level: "fail", cause: /trade_executor/ },
  withinMs: atOnce,
  remedy: { stepId: "start-services", says: "Start what is down" },
  claims: async ({ world }) => [await answerOf(world, "main_app", "/health")],
  throw: ({ world }) => world.supervisor.stop("trade_executor"),
  mend: ({ world }) => startIfDown(world, "trade_executor"),
};
