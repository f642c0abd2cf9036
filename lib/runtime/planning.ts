import { createHash } from "node:crypto";
import { type Description, describePlan } from "../engine/describe.ts";
import type { Plan } from "../engine/step.ts";
import type { Answers } from "../install/answers.ts";
import { Problem, sentence } from "../problem.ts";
import type { DescribedPlan } from "../runtime.ts";
import type { World } from "../world.ts";

/** A plan that was shown, and what is needed to begin it. */
export interface ShownPlan {
  answers: Answers;
  plan: Plan;
  world: World;
  description: Description;
}

export interface Planning {
  /** Describes the plan against the world as it is, and remembers that it was shown. */
  describe(answers: Answers, plan: Plan, world: World, notes: readonly string[]): Promise<DescribedPlan>;
  /**
   * The plan that was shown under this hash for these answers.
   * @throws Problem `plan.out-of-date` where the world, the answers or this process are no longer the same.
   */
  shown(answers: Answers, hash: string): ShownPlan;
}

const remembered = 8;

function keyOf(answers: Answers, hash: string): string {
  return `${hash}:${createHash("sha256").update(JSON.stringify(answers)).digest("hex")}`;
}

/** Remembers the last few plans that were shown, so that consent is to exactly one of them. */
export function openPlanning(): Planning {
  const plans = new Map<string, ShownPlan>();
  return {
    async describe(answers, plan, world, notes) {
      const description = await describePlan(plan, world, new AbortController().signal);
      plans.set(keyOf(answers, description.hash), { answers, plan, world, description });
      for (const key of [...plans.keys()].slice(0, -remembered)) plans.delete(key);
      return { ...description, notes: [...notes] };
    },
    shown(answers, hash) {
      const found = plans.get(keyOf(answers, hash));
      if (!found) {
        throw new Problem({
          code: "plan.out-of-date",
          says: "The plan that was agreed to is not the plan as it is now.",
          remedy: sentence("Look at the plan again and agree to it as it is now."),
        });
      }
      return found;
    },
  };
}
