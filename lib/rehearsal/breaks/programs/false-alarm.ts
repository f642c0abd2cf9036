import { type Break, soon } from "../break.ts";
import { answerOf } from "../claims.ts";

/** The other way round: REC.IO calls itself degraded for ever, and nothing is wrong. We must not repeat it. */
export const falseAlarm: Break = {
  name: "false-alarm",
  title: "“Degraded”, although nothing is wrong",
  expects: { probes: ["programs-running"], level: "ok", cause: /programs run/ },
  withinMs: soon,
  claims: async ({ world }) => {
    // REC.IO asks supervisorctl for each of its programs before it answers, which takes seconds.
    const claim = await answerOf(world, "main_app", "/api/system-health", { patienceMs: 15_000 });
    return [{ ...claim, good: !claim.says.includes("degraded") }];
  },
  throw: async () => {},
  mend: async () => {},
};
