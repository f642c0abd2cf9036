import { keptPem } from "../checkout/kept-credentials.ts";
import type { RunState } from "../engine/state.ts";
import type { Secrets } from "../engine/step.ts";
import type { Answers } from "../install/answers.ts";
import { isKeyChange, keyChangePlan } from "../install/plan.ts";
import { keyNotes } from "../install/plan-notes.ts";
import { Problem, sentence } from "../problem.ts";
import type { Runtime } from "../runtime.ts";
import type { World } from "../world.ts";
import type { Planning } from "./planning.ts";
import { anotherRun, type Runs } from "./runs.ts";

/** Another Kalshi key for an installation, or its other environment. */
export interface KeyChangeDoor {
  propose: Runtime["proposeKey"];
  describe: Runtime["describeKeyChange"];
  change: Runtime["changeKey"];
  proposeBefore: Runtime["proposeKeyBefore"];
  /**
   * Proposes what was before a change and carries it out at once; undefined where the run is no change of the key. Its
   * receipts alone would take the hook and the configuration of what is installed with them.
   */
  takeBack(runId: string): Promise<{ runId: string } | undefined>;
  /** Finds the key of a change that is to go on, where an earlier server had held it and it is on disk already. */
  recall(answers: Answers): Promise<void>;
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

function notTakenBack(code: string, says: string, remedy: string): Problem {
  return new Problem({ code: `kalshi.${code}`, says, remedy: sentence(remedy) });
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

  /** The key of these answers as it was written once, into memory. True where it is there. */
  async function holdKept(answers: Answers): Promise<boolean> {
    const { kalshi } = answers;
    if (kalshi.kind !== "key") return false;
    const pem = await keptPem(needs.world(answers), kalshi.environment, kalshi.keyId);
    if (pem !== undefined) needs.hold(pem);
    return pem !== undefined;
  }

  const door: KeyChangeDoor = {
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
      const before = needs.installation();
      const undertaking = { purpose: "repair", answers, plan, world, secrets: held, before } as const;
      return { runId: await runs.begin(undertaking, description.entries, hash) };
    },
    async takeBack(runId) {
      const state = await runs.state(runId);
      if (!state || !isKeyChange(state)) return undefined;
      await door.proposeBefore(runId);
      return door.change((await door.describe()).hash);
    },
    async proposeBefore(runId) {
      if (runs.current()) throw anotherRun();
      const before = (await runs.answersBefore(runId))?.kalshi;
      if (before?.kind !== "key")
        throw notTakenBack(
          "no-key-before",
          "Before this change REC.IO had no Kalshi key, and it cannot go back to none.",
          "Give another key, delete this one at Kalshi, or uninstall.",
        );
      const answers = { ...needs.installation(), kalshi: before };
      if (!(await holdKept(answers)))
        throw notTakenBack(
          "key-not-kept",
          "The key that was there before is not on this machine any more.",
          "Give it again on the page of the key.",
        );
      proposed = answers;
    },
    async recall(answers) {
      if (held.kalshiPrivateKey === undefined) await holdKept(answers);
    },
    async ended(state) {
      if (!isKeyChange(state) || state.status !== "done") return;
      const answers = await runs.answersOf(state.runId);
      if (!answers) return;
      proposed = undefined;
      await needs.adopt(answers);
    },
  };
  return door;
}
