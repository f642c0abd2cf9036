import { type Answer, ask } from "./ask.ts";
import { type Execution, mutable, type Outcome, problemOf, since } from "./execution.ts";
import { type Probe, type Proof, secondsOfWarmUp } from "./probe.ts";
import type { Proving } from "./step.ts";

/** What only warms up is asked at a fifth of the pace: it comes by itself, and asking costs. */
const warmingUpPauses = 5;

interface Tried {
  proof: Proof;
  required: boolean;
  answer?: Answer;
}

/** Seconds that the last answer still warms up at most, where nothing else stands against it; else undefined. */
function warmsUpFor({ answer }: Tried): number | undefined {
  return answer?.finding.level === "warn" ? secondsOfWarmUp(answer.finding) : undefined;
}

/** Good enough for a proving, which asks for more than the health page: what still warms up does not hold yet. */
function holds(tried: Tried): boolean {
  const level = tried.answer?.finding.level;
  return level === "ok" || (level === "warn" && warmsUpFor(tried) === undefined);
}

/** What is worth waiting for with `leftMs` of patience: a failure always, a warm-up where it can come to its end. */
function worthWaiting(tried: Tried, leftMs: number): boolean {
  return tried.required && !holds(tried) && leftMs > (warmsUpFor(tried) ?? 0) * 1000;
}

/** When a proof is to be tried again, in milliseconds since the epoch. */
function dueAt(tried: Tried, pauseMs: number): number {
  if (!tried.answer) return 0;
  const seconds = warmsUpFor(tried);
  const wait = seconds === undefined ? pauseMs : Math.min(seconds * 1000, warmingUpPauses * pauseMs);
  return tried.answer.at + tried.answer.tookMs + Math.max(pauseMs, wait);
}

/**
 * Tries each proof until it holds or patience is over. A required proof that fails then fails the run; one that only
 * warms up then (what needs longer than there is patience) lets the run end, and is told as not proven yet.
 */
export async function carryOutProofs(proving: Proving, execution: Execution): Promise<Outcome | "go on"> {
  const { journal, signal, proofPauseMs = 1000 } = execution;
  const started = performance.now();
  const all: Tried[] = proving.proofs.map(({ proof, required }) => ({ proof, required }));
  const open = () => all.filter((tried) => !holds(tried));
  for (;;) {
    for (const tried of open().filter((one) => dueAt(one, proofPauseMs) <= Date.now())) {
      if (signal.aborted) return "stopped";
      await tryOnce(tried, proving, execution);
      journal.append({
        type: "step.progressed",
        entryId: proving.id,
        done: all.filter(holds).length,
        total: all.length,
        unit: "proofs",
        ...noteOf(open()),
      });
    }
    if (signal.aborted) return "stopped";
    const waitedFor = open().filter((tried) => worthWaiting(tried, proving.patienceMs - since(started)));
    if (waitedFor.length === 0) break;
    await pause(Math.min(...waitedFor.map((tried) => dueAt(tried, proofPauseMs))) - Date.now(), signal);
  }
  return verdict(proving, open(), since(started), execution);
}

async function tryOnce(tried: Tried, proving: Proving, { journal, world, signal, onBug, onProof }: Execution) {
  const { proof } = tried;
  const answer = await ask(proof, world, signal, onBug);
  tried.answer = answer;
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
}

/** What is waited for, where nothing but warming up is left of what must hold. */
function noteOf(open: readonly Tried[]): { note?: string } {
  const required = open.filter((tried) => tried.required && tried.answer);
  const [first] = required;
  return first?.answer && required.every((tried) => warmsUpFor(tried) !== undefined)
    ? { note: first.answer.finding.says }
    : {};
}

function verdict(proving: Proving, open: readonly Tried[], tookMs: number, { journal }: Execution): Outcome | "go on" {
  const missing = open.filter((tried) => tried.required && warmsUpFor(tried) === undefined);
  if (missing.length > 0) {
    const asked = missing.map(({ proof, answer }) => ({
      probe: proof as unknown as Probe,
      answer: answer as Answer,
    }));
    const problem = problemOf(asked, "proof.does-not-hold");
    if (problem) journal.append({ type: "entry.failed", entryId: proving.id, problem, tookMs });
    return "failed";
  }
  const warming = open.filter((tried) => warmsUpFor(tried) !== undefined);
  const held = `${proving.proofs.length - open.length} of ${proving.proofs.length} proofs hold.`;
  const says =
    warming.length === 0
      ? held
      : `${held} Not proven yet: ${warming.map(({ answer }) => answer?.finding.says).join(" ")}`;
  journal.append({ type: "entry.done", entryId: proving.id, says, tookMs });
  return "go on";
}

/** Waits between two attempts, or less where the person stops the run. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, Math.max(0, ms));
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
