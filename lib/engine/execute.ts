import { isProblem, Problem, type ProblemFacts, problemFacts, sentence } from "../problem.ts";
import type { World } from "../world.ts";
import { type Answer, ask } from "./ask.ts";
import { type Consent, notConsented } from "./consent.ts";
import type { Journal } from "./journal.ts";
import type { Probe, Proof } from "./probe.ts";
import type { Gate, Job, Json, Plan, Proving, Secrets, Step } from "./step.ts";

export interface Execution {
  plan: Plan;
  world: World;
  journal: Journal;
  secrets: Secrets;
  consent: Consent;
  /** Aborted when the person asks to stop: the step in hand is told, nothing after it begins. */
  signal: AbortSignal;
  /** Told of every answer to a proof, so that the health page knows it too. */
  onProof?: (proof: Proof, answer: Answer) => void;
  /** Told of exceptions that are no Problems. */
  onBug?: (thrown: unknown, where: string) => void;
  /** How long to wait between two attempts of a proof, in milliseconds. Default 1000. */
  proofPauseMs?: number;
}

export type Outcome = "done" | "failed" | "blocked" | "stopped";

type Asked = { probe: Probe; answer: Answer };

const progressEveryMs = 500;

function since(started: number): number {
  return Math.round(performance.now() - started);
}

/** The first finding that speaks loudest, as the one line at the right of a row. */
function evidenceLine(asked: readonly Asked[]): string {
  const loudest = asked.find(({ answer }) => answer.finding.level === "warn") ?? asked[0];
  return loudest?.answer.finding.says ?? "";
}

/** What a finding that does not hold amounts to as a problem of its entry. */
function problemOf(asked: readonly Asked[], code: string): ProblemFacts | undefined {
  const bad = asked.filter(({ answer }) => answer.finding.level === "fail" || answer.finding.level === "unknown");
  const [first] = bad.sort(
    (a, b) => Number(b.answer.finding.level === "fail") - Number(a.answer.finding.level === "fail"),
  );
  if (!first) return undefined;
  const { finding } = first.answer;
  const more =
    bad.length > 1
      ? ` ${bad.length - 1} more ${bad.length === 2 ? "question has" : "questions have"} no good answer either.`
      : "";
  return {
    code,
    says: `${finding.says}${more}`,
    remedy: ("remedy" in finding && finding.remedy) || sentence("Try again when it can be asked."),
    ...(finding.evidence ? { evidence: finding.evidence } : {}),
  };
}

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
    const outcome = await runEntry(entry, execution);
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

/** The journal's schema knows no read-only arrays. */
function mutable(finding: Answer["finding"]) {
  const { objects, ...rest } = finding;
  return objects ? { ...rest, objects: [...objects] } : rest;
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
  return {
    signal,
    secrets,
    progress(done, total, unit, note) {
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
        });
      };
      if (performance.now() - told >= progressEveryMs) tell();
      else held = tell;
    },
    log: (line) => void journal.append({ type: "step.logged", entryId, line: line.slice(0, 2000) }),
    spent: async (receipt: Json) => void journal.append({ type: "step.spent", entryId, receipt }),
    flush: () => held?.(),
  };
}

async function carryOutProofs(proving: Proving, execution: Execution): Promise<Outcome | "go on"> {
  const { journal, world, signal, onBug, onProof, proofPauseMs = 1000 } = execution;
  const started = performance.now();
  const holds = ({ finding }: Answer) => finding.level === "ok" || finding.level === "warn";
  const last = new Map<string, Answer>();
  let open = [...proving.proofs];
  while (open.length > 0) {
    for (const { proof } of open) {
      if (signal.aborted) return "stopped";
      const answer = await ask(proof, world, signal, onBug);
      last.set(proof.id, answer);
      onProof?.(proof, answer);
      journal.append({
        type: "probe.found",
        entryId: proving.id,
        probeId: proof.id,
        title: proof.title,
        when: "after",
        finding: mutable(answer.finding),
        tookMs: answer.tookMs,
      });
      journal.append({
        type: "step.progressed",
        entryId: proving.id,
        done: [...last.values()].filter(holds).length,
        total: proving.proofs.length,
        unit: "proofs",
      });
    }
    open = open.filter(({ proof }) => !holds(last.get(proof.id) as Answer));
    const waitsForRequired = open.some(({ required }) => required);
    if (!waitsForRequired || since(started) >= proving.patienceMs) break;
    await pause(proofPauseMs, signal);
  }
  const missing = open.filter(({ required }) => required);
  if (missing.length > 0) {
    const asked = missing.map(({ proof }) => ({
      probe: proof as unknown as Probe,
      answer: last.get(proof.id) as Answer,
    }));
    const problem = problemOf(asked, "proof.does-not-hold");
    if (problem) journal.append({ type: "entry.failed", entryId: proving.id, problem, tookMs: since(started) });
    return "failed";
  }
  const held = proving.proofs.length - open.length;
  journal.append({
    type: "entry.done",
    entryId: proving.id,
    says: `${held} of ${proving.proofs.length} proofs hold.`,
    tookMs: since(started),
  });
  return "go on";
}

/** Waits between two attempts, or less where the person stops the run. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
