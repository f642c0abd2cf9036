import type { RunState } from "../engine/state.ts";
import type { Secrets } from "../engine/step.ts";
import type { Answers } from "../install/answers.ts";
import { isKeyChange, keyChangePlan } from "../install/plan.ts";
import { keyNotes } from "../install/plan-notes.ts";
import { Problem, sentence } from "../problem.ts";
import type { Runtime } from "../runtime.ts";
import type { World } from "../world.ts";
import type { Planning } from "./planning.ts";
import type { Runs } from "./runs.ts";

/** Another Kalshi key for an installation, or its other environment. */
export interface KeyChangeDoor {
  propose: Runtime["proposeKey"];
  describe: Runtime["describeKeyChange"];
  change: Runtime["changeKey"];
  /** Told of every run that has ended; where it was a change of the key and is done, its answers are the installation's. */
  ended(state: RunState): Promise<void>;
}

/** What the door needs of the runtime that it belongs to. */
export interface KeyChangeNeeds {
  installation(): Answers;
  world(answers: Answers): World;
  runs: Runs;
  planning: Planning;
  held: Secrets;
  hold(privateKey: string, passphrase?: string): void;
  beforeStop: Runtime["beforeStop"];
  /** Makes these answers the installation's: on disk, in the draft, and in what is watched. */
  adopt(answers: Answers): Promise<void>;
}

export function keyChangeDoor(needs: KeyChangeNeeds): KeyChangeDoor {
  const { runs, planning, held } = needs;
  let proposed: Answers | undefined;

  function needProposal(): Answers {
    if (proposed) return proposed;
    throw new Problem({
      code: "kalshi.no-key-proposed",
      says: "No other Kalshi key is held in memory.",
      remedy: sentence("Give the key again on the page of the key."),
    });
  }

  return {
    propose(answer, privateKey, passphrase) {
      const answers = { ...needs.installation(), kalshi: answer };
      needs.hold(privateKey, passphrase);
      proposed = answers;
    },
    async describe() {
      const answers = needProposal();
      const notes = [...(await needs.beforeStop()), ...keyNotes(needs.installation(), answers)];
      return planning.describe(answers, keyChangePlan(answers, held), needs.world(answers), notes);
    },
    async change(hash) {
      const current = runs.current();
      if (current) return { runId: current };
      const answers = needProposal();
      const { plan, world, description } = planning.shown(answers, hash);
      const undertaking = { purpose: "repair", answers, plan, world, secrets: held } as const;
      return { runId: await runs.begin(undertaking, description.entries, hash) };
    },
    async ended(state) {
      if (!isKeyChange(state) || state.status !== "done") return;
      const answers = await runs.answersOf(state.runId);
      if (!answers) return;
      proposed = undefined;
      await needs.adopt(answers);
    },
  };
}
