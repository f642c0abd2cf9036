import { isProblem } from "../problem.ts";
import type { World } from "../world.ts";
import type { Journal } from "./journal.ts";
import type { RunState } from "./state.ts";
import type { Json, Step } from "./step.ts";

/** One thing that was really changed, and by which step: what an undo may take back. */
export interface Debt {
  stepId: string;
  receipt: Json;
}

/** What runs changed and no undo took back yet, newest first. `runs` are ordered oldest first. */
export function debts(runs: readonly RunState[]): Debt[] {
  const open: Debt[] = [];
  for (const run of runs) {
    for (const entry of run.entries) {
      if (entry.status === "takenBack") {
        for (let i = open.length - 1; i >= 0; i -= 1) if (open[i]?.stepId === entry.id) open.splice(i, 1);
      }
      // The receipts of an undo are those that it took back: they are no new debts.
      if (run.purpose !== "undo") for (const receipt of entry.receipts) open.push({ stepId: entry.id, receipt });
    }
  }
  return open.reverse();
}

/**
 * Takes back what receipts say was made, newest first. One that cannot be taken back is named and the others go on:
 * a failed clean-up must not mask the rest.
 * @returns true when everything was taken back.
 */
export async function takeBack(
  owed: readonly Debt[],
  steps: ReadonlyMap<string, Step>,
  world: World,
  journal: Journal,
  signal: AbortSignal,
): Promise<boolean> {
  let whole = true;
  const order = [...new Set(owed.map((debt) => debt.stepId))];
  for (const stepId of order) {
    const step = steps.get(stepId);
    if (!step) continue;
    journal.append({ type: "entry.started", entryId: stepId });
    if ("never" in step.undo) {
      journal.append({ type: "step.notTakenBack", entryId: stepId, says: step.undo.never });
      continue;
    }
    try {
      for (const debt of owed.filter((candidate) => candidate.stepId === stepId)) {
        await step.undo.takeBack(world, debt.receipt, {
          signal,
          secrets: {},
          progress: () => undefined,
          log: (line) => void journal.append({ type: "step.logged", entryId: stepId, line: line.slice(0, 2000) }),
          spent: async () => undefined,
        });
      }
      journal.append({ type: "step.takenBack", entryId: stepId, says: `"${step.title}" is taken back.` });
    } catch (thrown) {
      whole = false;
      const says = isProblem(thrown)
        ? `${thrown.says}${thrown.remedy ? ` ${thrown.remedy.says}` : ""}`
        : `A fault of ours stopped this (${thrown instanceof Error ? thrown.message.slice(0, 200) : "unknown"}).`;
      journal.append({ type: "step.notTakenBack", entryId: stepId, says });
    }
  }
  return whole;
}
