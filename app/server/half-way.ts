import type { RunState } from "../../lib/engine/state.ts";
import { type Answers, answers } from "../../lib/install/answers.ts";
import { runtime } from "../../lib/runtime.ts";

/** Canonical, so that two writings of the same answers are equal. */
const written = (given: Answers) => JSON.stringify(answers.parse(given));

/**
 * The installation with these very answers that stopped half-way and can go on, or undefined where a new one has to
 * begin: with other answers, after the last one came to its end, or where the plan has to be agreed to anew.
 */
export async function halfWay(given: Answers): Promise<RunState | undefined> {
  const installed = await runtime().installation();
  if (!installed || written(installed) !== written(given)) return undefined;
  const [last] = (await runtime().runs())
    .filter(({ purpose }) => purpose !== "repair")
    .sort((one, other) => other.startedAt - one.startedAt);
  if (last?.purpose !== "install" || !["interrupted", "failed", "blocked", "stopped"].includes(last.status))
    return undefined;
  const run = await runtime().runState(last.runId);
  // A run that clones has a plan of its own: its answers are not those that were installed before it.
  if (!run || run.entries.some(({ id, problem }) => id === "clone-checkout" || problem?.code === "plan.out-of-date"))
    return undefined;
  return run;
}
