import { sentence } from "../problem.ts";
import type { World } from "../world.ts";
import { describePlan } from "./describe.ts";
import { execute } from "./execute.ts";
import type { Outcome } from "./execution.ts";
import { type Journal, openJournal } from "./journal.ts";
import type { Finding, Probe } from "./probe.ts";
import type { Plan, Secrets, Step } from "./step.ts";

/** A toy world: a set of lamps. Steps light them, probes look at them. */
export type Lamps = Set<string>;
export const worldOf = (lamps: Lamps) => ({ lamps }) as unknown as World;
export const lampsOf = (world: unknown) => (world as { lamps: Lamps }).lamps;

export function lit(name: string, other?: (lamps: Lamps) => Finding): Probe {
  return {
    kind: "probe",
    id: `lamp-${name}`,
    title: `Lamp ${name} is lit`,
    group: "Machine",
    label: "machine",
    everyMs: 1000,
    collect: async (world) => lampsOf(world),
    judge: (facts) => {
      const lamps = facts as Lamps;
      if (other) return other(lamps);
      return lamps.has(name)
        ? { level: "ok", says: `${name} is lit` }
        : { level: "fail", says: `${name} is dark`, remedy: sentence("Light it.") };
    },
  };
}

export function light(name: string, over: Partial<Step> = {}): Step {
  return {
    kind: "step",
    id: `light-${name}`,
    title: `Light ${name}`,
    why: "It is dark.",
    probes: [lit(name)],
    describe: async () => [{ what: "file", target: name }],
    run: async (world) => {
      lampsOf(world).add(name);
      return { lit: name };
    },
    undo: { takeBack: async (world, receipt) => void lampsOf(world).delete((receipt as { lit: string }).lit) },
    ...over,
  };
}

export async function start(
  folder: string,
  plan: Plan,
  lamps: Lamps,
  over: { signal?: AbortSignal; secrets?: Secrets; consentTo?: Plan } = {},
): Promise<{ outcome: Outcome; journal: Journal; bugs: unknown[] }> {
  const world = worldOf(lamps);
  const signal = over.signal ?? new AbortController().signal;
  const shown = await describePlan(over.consentTo ?? plan, world, new AbortController().signal);
  const journal = openJournal(folder);
  const bugs: unknown[] = [];
  journal.append({
    type: "run.started",
    runId: "r1",
    purpose: "install",
    planHash: shown.hash,
    pid: 1,
    entries: shown.entries,
  });
  const consent = Object.fromEntries(shown.entries.map((entry) => [entry.id, entry.changes]));
  const outcome = await execute({
    plan,
    world,
    journal,
    secrets: over.secrets ?? {},
    consent,
    signal,
    proofPauseMs: 5,
    onBug: (bug) => bugs.push(bug),
  });
  journal.append({ type: "run.finished", outcome });
  return { outcome, journal, bugs };
}

export const statuses = (journal: Journal) => journal.state().entries.map((entry) => entry.status);
