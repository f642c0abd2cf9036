import { isProblem } from "../problem.ts";
import type { World } from "../world.ts";
import type { Journal } from "./journal.ts";
import type { RunState } from "./state.ts";
import type { Json, Step } from "./step.ts";

/** One thing that was really changed, in which run and by which step: what an undo may take back. */
export interface Debt {
  runId: string;
  stepId: string;
  receipt: Json;
}

/** The step that made something, and the world in which it was made: answers may differ from run to run. */
export interface Found {
  step: Step;
  world: World;
}

/** How an undo names what it takes back: the step of that run, so that the same step of another run stays owed. */
export function undoEntryId({ stepId, runId }: Pick<Debt, "stepId" | "runId">): string {
  return `${stepId}@${runId}`;
}

/** What runs changed and no undo took back yet, newest first. `runs` are ordered oldest first. Pure. */
export function debts(runs: readonly RunState[]): Debt[] {
  const paid = new Set(
    runs
      .filter((run) => run.purpose === "undo")
      .flatMap((run) => run.entries.filter((entry) => entry.status === "takenBack").map((entry) => entry.id)),
  );
  return runs
    .filter((run) => run.purpose !== "undo")
    .flatMap((run) =>
      run.entries.flatMap((entry) =>
        entry.receipts.map((receipt) => ({ runId: run.runId, stepId: entry.id, receipt })),
      ),
    )
    .filter((debt) => !paid.has(undoEntryId(debt)))
    .reverse();
}

/**
 * Takes back what receipts say was made, newest first. One that cannot be taken back is named and the others go on:
 * a failed clean-up must not mask the rest.
 * @returns true when everything was taken back.
 */
export async function takeBack(
  owed: readonly Debt[],
  find: (debt: Debt) => Found | undefined,
  journal: Journal,
  signal: AbortSignal,
): Promise<boolean> {
  let whole = true;
  for (const entryId of new Set(owed.map(undoEntryId))) {
    const parts = owed.filter((candidate) => undoEntryId(candidate) === entryId);
    const found = parts[0] && find(parts[0]);
    journal.append({ type: "entry.started", entryId });
    const undo = found?.step.undo;
    if (!found || !undo || "never" in undo) {
      whole &&= undo !== undefined;
      const says = undo && "never" in undo ? undo.never : "This version of the product does not know that step.";
      journal.append({ type: "step.notTakenBack", entryId, says, ...(undo ? { stays: true } : {}) });
      continue;
    }
    try {
      for (const debt of parts) {
        await undo.takeBack(found.world, debt.receipt, {
          signal,
          secrets: {},
          progress: () => undefined,
          log: (line) => void journal.append({ type: "step.logged", entryId, line: line.slice(0, 2000) }),
          spent: async () => undefined,
        });
      }
      const kept = parts.flatMap(({ receipt }) => undo.keeps?.(receipt) ?? []);
      if (kept.length > 0) journal.append({ type: "step.notTakenBack", entryId, says: kept.join(" "), stays: true });
      else journal.append({ type: "step.takenBack", entryId, says: `"${found.step.title}" is taken back.` });
    } catch (thrown) {
      whole = false;
      journal.append({ type: "step.notTakenBack", entryId, says: whyNot(thrown) });
    }
  }
  return whole;
}

function whyNot(thrown: unknown): string {
  if (isProblem(thrown)) return thrown.remedy ? `${thrown.says} ${thrown.remedy.says}` : thrown.says;
  return `A fault of ours stopped this (${thrown instanceof Error ? thrown.message.slice(0, 200) : "unknown"}).`;
}
