import type { EntryState, RunState } from "../engine/state.ts";
import type { Secrets, Step } from "../engine/step.ts";
import { type Debt, debts, type Found } from "../engine/undo.ts";
import type { Answers } from "../install/answers.ts";
import { everyStep } from "../install/update/update-plan.ts";
import type { Runtime } from "../runtime.ts";
import type { World } from "../world.ts";
import { describeDebts, proveAdministrators, wakeServers } from "./debts.ts";
import { lend } from "./lent-secrets.ts";
import type { Runs } from "./runs.ts";

/** Taking back what runs made, by their receipts: of one run, or of all. */
export interface TakingBackDoor {
  describe: Runtime["describeUninstall"];
  undo: Runtime["undo"];
  /** @throws Problem where an administrator of a foreign server is needed and is not let in; nothing was touched then. */
  prove(): Promise<void>;
  /** Takes everything back that is owed. `left` is what could have gone and did not; `whole` where there is no such thing. */
  everything(): Promise<{ whole: boolean; takenBack: string[]; left: { stepId: string; says: string }[] }>;
}

interface Ground {
  runs: Runs;
  world(answers: Answers): World;
  held: Secrets;
}

/** What an undo came to. What stays by intention was named before it began, and is nothing that is left. Pure. */
export function cameOf(state: RunState | undefined) {
  const told = (status: EntryState["status"]) =>
    (state?.entries ?? [])
      .filter((entry) => entry.status === status && !entry.stays)
      .map((entry) => ({ stepId: entry.id.split("@")[0] ?? entry.id, says: entry.says ?? entry.title }));
  return {
    whole: state?.status === "done",
    takenBack: told("takenBack").map(({ says }) => says),
    left: told("left"),
  };
}

export function takingBackDoor({ runs, world, held }: Ground): TakingBackDoor {
  /** The step that made something, in the world of the answers of its run. */
  async function finder(owed: readonly Debt[]): Promise<(debt: Debt) => Found | undefined> {
    const found = new Map<string, { steps: ReadonlyMap<string, Step>; world: World }>();
    for (const runId of new Set(owed.map((debt) => debt.runId))) {
      const answers = await runs.answersOf(runId);
      if (answers) found.set(runId, { steps: everyStep(answers), world: world(answers) });
    }
    return (debt) => {
      const home = found.get(debt.runId);
      const step = home?.steps.get(debt.stepId);
      return home && step && { step, world: home.world };
    };
  }

  async function owedNow(runId?: string) {
    const owed = debts(await runs.all()).filter((debt) => runId === undefined || debt.runId === runId);
    return { owed, find: await finder(owed) };
  }

  return {
    async describe() {
      const { owed, find } = await owedNow();
      return describeDebts(owed, find);
    },
    async undo(runId, secrets = {}) {
      const { owed, find } = await owedNow(runId);
      const forget = lend(held, secrets);
      try {
        await proveAdministrators(owed, find);
        await wakeServers(owed, find);
        const undoing = await runs.undo(owed, find);
        void runs.settled().then(forget);
        return { runId: undoing };
      } catch (thrown) {
        forget();
        throw thrown;
      }
    },
    async prove() {
      const { owed, find } = await owedNow();
      await proveAdministrators(owed, find);
      await wakeServers(owed, find);
    },
    async everything() {
      const { owed, find } = await owedNow();
      const runId = await runs.undo(owed, find);
      await runs.settled();
      return cameOf(await runs.state(runId));
    },
  };
}
