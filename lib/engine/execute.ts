import { isProblem, Problem, type ProblemFacts, problemFacts, sentence } from "../problem.ts";
import { ask } from "./ask.ts";
import { notConsented } from "./consent.ts";
import { type Asked, type Execution, evidenceLine, mutable, type Outcome, problemOf, since } from "./execution.ts";
import type { Probe } from "./probe.ts";
import { carryOutProofs } from "./prove.ts";
import type { Gate, Job, Json, Part, Proving, Step } from "./step.ts";

const progressEveryMs = 500;

function bugFacts(thrown: unknown): ProblemFacts {
  const name =
    thrown instanceof Error ? `${thrown.name}: ${thrown.message.split("\n")[0]?.slice(0, 200)}` : "an unknown error";
  return {
    code: "engine.bug",
    says: `This step broke through a fault of ours (${name}).`,
    remedy: sentence("Retry it; where it breaks again, report it with the support bundle."),
  };
}

/** Runs one execution of a plan to its end. Everything that it learns or does stands in the journal first. */
export async function execute(execution: Execution): Promise<Outcome> {
  for (const entry of execution.plan) {
    if (execution.signal.aborted) return "stopped";
    execution.journal.append({ type: "entry.started", entryId: entry.id });
    const outcome = await runEntry(entry, execution).catch((thrown: unknown): Outcome => {
      // The journal itself could not be written, as on a full disk: what a step throws is told by the step.
      if (!isProblem(thrown)) throw thrown;
      execution.journal.append({ type: "entry.failed", entryId: entry.id, problem: problemFacts(thrown), tookMs: 0 });
      return "failed";
    });
    if (outcome !== "go on") return outcome;
  }
  return "done";
}

async function runEntry(entry: Gate | Step | Proving, execution: Execution): Promise<Outcome | "go on"> {
  switch (entry.kind) {
    case "gate":
      return passGate(entry, execution);
    case "step":
      return takeStep(entry, execution);
    case "proving":
      return carryOutProofs(entry, execution);
  }
}

async function askProbes(
  entryId: string,
  probes: readonly Probe[],
  when: "before" | "after",
  { world, journal, signal, onBug }: Execution,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const probe of probes) {
    const answer = await ask(probe, world, signal, onBug);
    journal.append({
      type: "probe.found",
      entryId,
      probeId: probe.id,
      title: probe.title,
      when,
      finding: mutable(answer.finding),
      tookMs: answer.tookMs,
    });
    asked.push({ probe, answer });
  }
  return asked;
}

async function passGate(gate: Gate, execution: Execution): Promise<Outcome | "go on"> {
  const started = performance.now();
  const asked = await askProbes(gate.id, gate.probes, "before", execution);
  if (execution.signal.aborted) return "stopped";
  const problem = problemOf(asked, "gate.not-passed");
  if (problem) {
    execution.journal.append({ type: "entry.blocked", entryId: gate.id, problem, tookMs: since(started) });
    return "blocked";
  }
  execution.journal.append({ type: "entry.done", entryId: gate.id, says: evidenceLine(asked), tookMs: since(started) });
  return "go on";
}

async function takeStep(step: Step, execution: Execution): Promise<Outcome | "go on"> {
  const { journal, signal, world } = execution;
  const started = performance.now();
  const fail = (problem: ProblemFacts): Outcome => {
    if (signal.aborted) return "stopped";
    journal.append({ type: "entry.failed", entryId: step.id, problem, tookMs: since(started) });
    return "failed";
  };

  const before = await askProbes(step.id, step.probes, "before", execution);
  if (signal.aborted) return "stopped";
  // A definite "no" says that the step is needed, and it often is why another question has no answer yet (a server that
  // does not run tells no version). Where nothing fails and something is not known, nothing is changed on a guess.
  const needed = before.some(({ answer }) => answer.finding.level === "fail");
  if (!needed && before.some(({ answer }) => answer.finding.level === "unknown")) {
    const problem = problemOf(before, "step.not-known");
    if (problem) journal.append({ type: "entry.blocked", entryId: step.id, problem, tookMs: since(started) });
    return "blocked";
  }
  if (!needed) {
    journal.append({ type: "entry.already", entryId: step.id, says: evidenceLine(before), tookMs: since(started) });
    return "go on";
  }

  const job = jobOf(step.id, execution);
  try {
    const changes = await step.describe(world);
    const surprises = notConsented(changes, execution.consent[step.id] ?? []);
    if (surprises.length > 0) throw outOfDate(step.title, surprises[0]);
    journal.append({ type: "step.intended", entryId: step.id, changes });
    const receipt = await step.run(world, job);
    job.flush();
    journal.append({ type: "step.receipted", entryId: step.id, receipt });
  } catch (thrown) {
    job.flush();
    if (isProblem(thrown)) return fail(problemFacts(thrown));
    if (!signal.aborted) execution.onBug?.(thrown, step.id);
    return fail(bugFacts(thrown));
  }

  const after = await askProbes(step.id, step.probes, "after", execution);
  const problem = problemOf(after, "step.ran-yet");
  if (problem) return fail({ ...problem, says: `The step ran without an error, yet: ${problem.says}` });
  journal.append({ type: "entry.done", entryId: step.id, says: evidenceLine(after), tookMs: since(started) });
  return "go on";
}

function outOfDate(title: string, surprise: { what: string; target: string } | undefined): Problem {
  return new Problem({
    code: "plan.out-of-date",
    says: `The plan is out of date: "${title}" would now also change the ${surprise?.what} ${surprise?.target}, which was not shown.`,
    remedy: sentence("Look at the plan again and agree to it as it is now."),
  });
}

/** A job that writes to the journal: at most two progress events a second, and always the last one. */
function jobOf(entryId: string, { journal, signal, secrets }: Execution): Job & { flush(): void } {
  let told = Number.NEGATIVE_INFINITY;
  let held: (() => void) | undefined;
  const changed = new Map<string, Part>();
  return {
    signal,
    secrets,
    progress(done, total, unit, note, parts = []) {
      // A piece that is told too soon after the last event is told with the next one.
      for (const part of parts) changed.set(`${part.group} ${part.id}`, part);
      const tell = () => {
        told = performance.now();
        held = undefined;
        journal.append({
          type: "step.progressed",
          entryId,
          done,
          total,
          unit,
          ...(note === undefined ? {} : { note }),
          ...(changed.size === 0 ? {} : { parts: [...changed.values()] }),
        });
        changed.clear();
      };
      if (performance.now() - told >= progressEveryMs) tell();
      else held = tell;
    },
    log: (line) => void journal.append({ type: "step.logged", entryId, line: line.slice(0, 2000) }),
    spent: async (receipt: Json) => void journal.append({ type: "step.spent", entryId, receipt }),
    flush: () => held?.(),
  };
}
