import { isProblem } from "../../problem.ts";
import type { ProgramState, Supervisor } from "../../supervisor/supervisor.ts";
import type { World } from "../../world.ts";

/** How long one answer of supervisord serves every probe that asks. */
const sharedForMs = 1000;

const shared = new WeakMap<Supervisor, { at: number; states: Promise<ProgramState[]> }>();

function programStates(supervisor: Supervisor): Promise<ProgramState[]> {
  const known = shared.get(supervisor);
  if (known && Date.now() - known.at < sharedForMs) return known.states;
  const states = supervisor.programs();
  shared.set(supervisor, { at: Date.now(), states });
  states.catch(() => shared.delete(supervisor));
  return states;
}

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
