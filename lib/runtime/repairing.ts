import type { Secrets } from "../engine/step.ts";
import type { Answers } from "../install/answers.ts";
import { repairPlan } from "../install/plan.ts";
import { Problem, sentence } from "../problem.ts";
import type { Runtime } from "../runtime.ts";
import type { World } from "../world.ts";
import { lend } from "./lent-secrets.ts";
import type { Planning } from "./planning.ts";
import { anotherRun, type Runs } from "./runs.ts";

/** One step run again, as the health page's remedy: shown first, then done exactly so. */
export interface RepairDoor {
  describe: Runtime["describeRepair"];
  repair: Runtime["repair"];
}

interface Ground {
  runs: Runs;
  planning: Planning;
  /** The installed answers; throws a Problem where nothing is installed. */
  answers: () => Answers;
  world(answers: Answers): World;
  held: Secrets;
}

export function repairDoor({ runs, planning, answers: installed, world, held }: Ground): RepairDoor {
  /** Lets the administrator of a foreign server in for one job; what was logged in with his password ends with it. */
  function admit(here: World, secrets: Secrets): () => Promise<void> {
    const forget = lend(held, secrets);
    return async () => {
      forget();
      if (secrets.databaseAdminPassword !== undefined) await here.postgres.forget();
    };
  }

  return {
    async describe(stepId, secrets = {}) {
      const answers = installed();
      const here = world(answers);
      const end = admit(here, secrets);
      try {
        return await planning.describe(answers, repairPlan(answers, stepId, held), here, []);
      } finally {
        await end();
      }
    },
    async repair(stepId, hash, secrets = {}) {
      const current = runs.current();
      // The same repair a second time is the one in hand; anything else would be taken for it.
      if (current && (await runs.state(current))?.entries[0]?.id === stepId) return { runId: current };
      if (current) throw anotherRun();
      const answers = installed();
      const shown = planning.shown(answers, hash);
      if (!shown.plan.some((entry) => entry.id === stepId)) {
        throw new Problem({
          code: "plan.out-of-date",
          says: "The plan that was agreed to is for another step.",
          remedy: sentence("Look at the plan again."),
        });
      }
      const end = admit(shown.world, secrets);
      try {
        const runId = await runs.begin(
          { purpose: "repair", answers, plan: shown.plan, world: shown.world, secrets: held },
          shown.description.entries,
          hash,
        );
        void runs.settled().then(end);
        return { runId };
      } catch (thrown) {
        await end();
        throw thrown;
      }
    },
  };
}
