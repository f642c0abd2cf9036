import { isProblem } from "../problem.ts";
import type { World } from "../world.ts";
import type { Finding, Probe, Proof } from "./probe.ts";

/** An answer with its age and its price. `at` is milliseconds since the epoch. */
export interface Answer {
  finding: Finding;
  at: number;
  tookMs: number;
}

const defaultTimeoutMs = 10_000;

/** What an exception in a probe or a proof amounts to: not knowing, never green. */
function notKnown(thrown: unknown, timedOut: boolean, timeoutMs: number): Finding {
  if (timedOut) return { level: "unknown", says: `No answer came within ${Math.round(timeoutMs / 1000)} s.` };
  if (isProblem(thrown))
    return {
      level: "unknown",
      says: thrown.says,
      ...(thrown.remedy ? { remedy: thrown.remedy } : {}),
      ...(thrown.evidence ? { evidence: thrown.evidence } : {}),
    };
  const name = thrown instanceof Error ? thrown.name : "error";
  return { level: "unknown", says: `This could not be asked, through a fault of this page (${name}).` };
}

/**
 * Asks one probe or proof. Never throws and never hangs: an exception, a time-out or an abort is the finding "unknown".
 * @param onBug told of exceptions that are no Problems, so that they reach the server's log.
 */
export async function ask(
  question: Probe | Proof,
  world: World,
  signal: AbortSignal,
  onBug?: (thrown: unknown, id: string) => void,
): Promise<Answer> {
  const at = Date.now();
  const started = performance.now();
  const timeoutMs = question.timeoutMs ?? defaultTimeoutMs;
  const ending = new AbortController();
  let timedOut = false;
  const giveUp = () => ending.abort(signal.reason);
  const timer = setTimeout(() => {
    timedOut = true;
    ending.abort();
  }, timeoutMs);
  // Not AbortSignal.any: the caller's signal lives as long as the server, and would remember every signal made from it.
  if (signal.aborted) giveUp();
  else signal.addEventListener("abort", giveUp, { once: true });
  const given = (finding: Finding): Answer => ({ finding, at, tookMs: Math.round(performance.now() - started) });
  try {
    const work =
      question.kind === "probe"
        ? question.collect(world, ending.signal).then((facts) => question.judge(facts))
        : question.prove(world, ending.signal);
    // The work may ignore its signal, so the wait for it ends by itself; a late rejection is then nobody's.
    work.catch(() => undefined);
    const aborted = new Promise<never>((_, reject) => {
      if (ending.signal.aborted) reject(new Error("aborted"));
      else ending.signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
    });
    aborted.catch(() => undefined);
    return given(await Promise.race([work, aborted]));
  } catch (thrown) {
    if (!isProblem(thrown) && !ending.signal.aborted) onBug?.(thrown, question.id);
    return given(notKnown(thrown, timedOut, timeoutMs));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}
