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
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const both = AbortSignal.any([signal, timeout.signal]);
  const given = (finding: Finding): Answer => ({ finding, at, tookMs: Math.round(performance.now() - started) });
  try {
    const work =
      question.kind === "probe"
        ? question.collect(world, both).then((facts) => question.judge(facts))
        : question.prove(world, both);
    // The work may ignore its signal, so the wait for it ends by itself; a late rejection is then nobody's.
    work.catch(() => undefined);
    const aborted = new Promise<never>((_, reject) =>
      both.addEventListener("abort", () => reject(new Error("aborted")), { once: true }),
    );
    aborted.catch(() => undefined);
    return given(await Promise.race([work, aborted]));
  } catch (thrown) {
    if (!isProblem(thrown) && !both.aborted) onBug?.(thrown, question.id);
    return given(notKnown(thrown, timeout.signal.aborted && !signal.aborted, timeoutMs));
  } finally {
    clearTimeout(timer);
  }
}
