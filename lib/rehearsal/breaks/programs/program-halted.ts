import { type Break, soon } from "../break.ts";
import { stateOf } from "../claims.ts";

async function pidOf(world: Parameters<Break["throw"]>[0]["world"]): Promise<number | undefined> {
  return (await world.supervisor.programs()).find(({ name }) => name === "cascading_failure_detector")?.pid;
}

/** A program is there and does nothing: its process is halted. supervisord goes on calling it RUNNING. */
export const programHalted: Break = {
  name: "program-halted",
  title: "A program that is there and does nothing",
  expects: { probes: ["programs-answer"], level: "fail", cause: /cascading_failure_detector is halted/ },
  withinMs: soon,
  remedy: { stepId: "start-services", says: "Start it anew" },
  claims: async ({ world }) => [await stateOf(world, "cascading_failure_detector")],
  async throw({ world }) {
    const pid = await pidOf(world);
    if (pid !== undefined) await world.machine.signal(pid, "SIGSTOP");
  },
  async mend({ world }) {
    const pid = await pidOf(world);
    if (pid !== undefined && (await world.machine.halted(pid))) await world.machine.signal(pid, "SIGCONT");
  },
};
