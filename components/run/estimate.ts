import type { EntryState, RunState } from "../../lib/engine/state.ts";

/** One measurement of a running step's progress. Times in milliseconds. */
export interface Sample {
  at: number;
  done: number;
}

export interface Estimate {
  /** Units a second since the last few measurements, and since the step began. */
  now: number;
  average: number;
  /** What is left in milliseconds, as a range between the two speeds. */
  left?: { least: number; most: number };
}

/**
 * How fast a step goes and how long it may still take. Never one number for what is not known as one: the range spans
 * the speed of now and the speed so far, and a tenth on either side where the two agree.
 */
export function estimate(
  progress: NonNullable<EntryState["progress"]>,
  samples: readonly Sample[],
): Estimate | undefined {
  const first = samples[0];
  const spentMs = progress.at - progress.startedAt;
  if (spentMs < 1000 || progress.done <= 0) return undefined;
  const average = (progress.done / spentMs) * 1000;
  const recent =
    first && progress.at - first.at >= 1000
      ? ((progress.done - first.done) / (progress.at - first.at)) * 1000
      : average;
  const speeds = [average, recent].filter((speed) => speed > 0);
  const remaining = progress.total - progress.done;
  if (speeds.length === 0 || remaining <= 0) return { now: recent, average };
  const times = speeds.map((speed) => (remaining / speed) * 1000);
  return { now: recent, average, left: { least: Math.min(...times) * 0.9, most: Math.max(...times) * 1.1 } };
}

/** How many entries stand where, for the column at the left. */
export function tally(run: RunState): {
  done: number;
  running: number;
  failed: number;
  waiting: number;
  receipts: number;
} {
  const count = (...statuses: EntryState["status"][]) =>
    run.entries.filter((entry) => statuses.includes(entry.status)).length;
  return {
    done: count("done", "already", "takenBack", "left"),
    running: count("running"),
    failed: count("failed", "blocked"),
    waiting: count("waiting"),
    receipts: run.entries.filter((entry) => entry.receipts.length > 0).length,
  };
}
