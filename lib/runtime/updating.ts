import type { RunState } from "../engine/state.ts";
import type { Plan, Secrets } from "../engine/step.ts";
import type { Answers } from "../install/answers.ts";
import { meantCommit } from "../install/update/rehearse-update.ts";
import { updatePlan } from "../install/update/update-plan.ts";
import type { Runtime } from "../runtime.ts";
import type { World } from "../world.ts";
import type { Planning } from "./planning.ts";
import { anotherRun, type Runs } from "./runs.ts";

/** Another commit of the checkout for an installation: shown first, then done exactly so. */
export interface UpdateDoor {
  describe: Runtime["describeUpdate"];
  update: Runtime["update"];
  /** The plan of an update that was begun, for going on with it. */
  planOf(state: RunState, answers: Answers): Plan;
  /** Told of every run that has ended. */
  ended(state: RunState): Promise<void>;
}

export interface UpdateNeeds {
  installation(): Answers;
  world(answers: Answers): World;
  runs: Runs;
  planning: Planning;
  held: Secrets;
  beforeStop: Runtime["beforeStop"];
  /** Watches what is there now, and remembers it as what was installed; with `start`, its programs are started first. */
  settle(options?: { start: boolean }): Promise<void>;
}

/** A fetch over a slow line. */
const fetchTimeoutMs = 3 * 60_000;

const began = (state: RunState) =>
  state.entries.some(({ id, receipts }) => id === "check-out-commit" && receipts.length > 0);
const tookBack = (state: RunState) =>
  state.entries.some(({ id, status }) => id.startsWith("check-out-commit@") && status === "takenBack");

export function updateDoor(needs: UpdateNeeds): UpdateDoor {
  const { runs, planning, held } = needs;
  return {
    async describe(commit, anyway) {
      const answers = needs.installation();
      const world = needs.world(answers);
      const to = await meantCommit(world, commit, AbortSignal.timeout(fetchTimeoutMs));
      const notes = await needs.beforeStop();
      return { to, ...(await planning.describe(answers, updatePlan(answers, { to, anyway }, held), world, notes)) };
    },
    async update(to, anyway, hash) {
      const current = runs.current();
      if (current && (await runs.state(current))?.subject === subjectOf(to, anyway)) return { runId: current };
      if (current) throw anotherRun();
      const answers = needs.installation();
      const { plan, world, description } = planning.shown(answers, hash);
      const undertaking = {
        purpose: "update",
        subject: subjectOf(to, anyway),
        answers,
        plan,
        world,
        secrets: held,
      } as const;
      return { runId: await runs.begin(undertaking, description.entries, hash) };
    },
    planOf: (state, answers) => updatePlan(answers, updateIn(state.subject ?? ""), held),
    async ended(state) {
      if (state.purpose === "update" && began(state)) await needs.settle();
      // The way back ends where it began: with a REC.IO that runs.
      if (state.purpose === "undo" && tookBack(state)) await needs.settle({ start: true });
    },
  };
}

/** What the journal keeps of an update: enough to go on with it. */
const anywayMark = " anyway";
function subjectOf(to: string, anyway: boolean): string {
  return `${to}${anyway ? anywayMark : ""}`;
}
function updateIn(subject: string) {
  return { to: subject.replace(anywayMark, ""), anyway: subject.endsWith(anywayMark) };
}
