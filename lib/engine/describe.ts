import { isProblem, type Remedy } from "../problem.ts";
import type { World } from "../world.ts";
import { ask } from "./ask.ts";
import { consentHash } from "./consent.ts";
import type { Change, ObjectState, Plan } from "./step.ts";

/** One entry as it is shown before anything is changed. */
export interface DescribedEntry {
  kind: "gate" | "step" | "proving";
  id: string;
  title: string;
  why?: string;
  changes: Change[];
  /** What the step looks after, there or missing; only where it has something to change. */
  objects?: ObjectState[];
  /** Why the changes could not be told yet. Nothing can be consented to that was not told, so this blocks the plan. */
  notYetKnown?: string;
}

export interface Description {
  hash: string;
  entries: DescribedEntry[];
  /** `code` where a problem told it. */
  blockers: { entryId: string; says: string; remedy?: Remedy; code?: string }[];
}

/**
 * What the plan would change in the world as it is: gates are asked, steps that are already so change nothing, all
 * others describe themselves. Reads only.
 */
export async function describePlan(plan: Plan, world: World, signal: AbortSignal): Promise<Description> {
  const entries: DescribedEntry[] = [];
  const blockers: Description["blockers"] = [];
  // One cause answers many questions (a server that is not there): it is said once, with its remedy if any of them has one.
  const block = (entryId: string, { says, remedy, code }: { says: string; remedy?: Remedy; code?: string }) => {
    const said = blockers.find((blocker) => blocker.says === says);
    if (!said) blockers.push({ entryId, says, ...(remedy ? { remedy } : {}), ...(code ? { code } : {}) });
    else if (remedy) said.remedy ??= remedy;
  };
  for (const entry of plan) {
    const base = { kind: entry.kind, id: entry.id, title: entry.title };
    if (entry.kind === "proving") {
      entries.push({ ...base, why: entry.why, changes: [] });
      continue;
    }
    const answers = [];
    for (const probe of entry.probes) answers.push(await ask(probe, world, signal));
    if (entry.kind === "gate") {
      for (const { finding } of answers) {
        if (finding.level === "fail" || finding.level === "unknown") block(entry.id, finding);
      }
      entries.push({ ...base, changes: [] });
      continue;
    }
    if (answers.every(({ finding }) => finding.level === "ok" || finding.level === "warn")) {
      entries.push({ ...base, why: entry.why, changes: [] });
      continue;
    }
    try {
      const changes = await entry.describe(world);
      const objects = await entry.survey?.(world);
      entries.push({ ...base, why: entry.why, changes, ...(objects ? { objects } : {}) });
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
      entries.push({ ...base, why: entry.why, changes: [], notYetKnown: thrown.says });
      block(entry.id, thrown);
    }
  }
  return { hash: consentHash(entries), entries, blockers };
}
