import { isProblem } from "../../problem.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import type { World } from "../../world.ts";
import { sharedReading } from "../watching/shared-reading.ts";

const programStates = sharedReading((supervisor: Supervisor) => supervisor.programs());

/** For how many seconds a program has been running, or undefined where it does not run or supervisord does not answer. */
export async function upForSeconds(world: Pick<World, "supervisor">, program: string): Promise<number | undefined> {
  try {
    const state = (await programStates(world.supervisor)).find((one) => one.name === program);
    if (state?.state !== "RUNNING" && state?.state !== "STARTING") return undefined;
    return state.startedAt === undefined ? undefined : Math.max(0, (Date.now() - state.startedAt) / 1000);
  } catch (thrown) {
    // Whether supervisord answers is another probe's question; here it only decides how patient to be.
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}
