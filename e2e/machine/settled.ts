import type { HealthReport } from "../../lib/health/report.ts";
import { expect } from "../fixtures.ts";
import type { Ground } from "./ground.ts";

/** Polls /api/health until it answers with this status; milliseconds that it took. */
export async function untilStatus(ground: Ground, status: 200 | 503, withinMs: number): Promise<number> {
  const began = performance.now();
  await expect
    .poll(
      async () => {
        const health = await ground.health();
        return health.status === status ? status : `${health.status}: ${health.report.reasons.installed.join(" ")}`;
      },
      { timeout: withinMs, intervals: [200] },
    )
    .toBe(status);
  return Math.round(performance.now() - began);
}

/** What an installation comes to: each question with its level and what it counts for. No word, age or number in it. */
export function outcomeOf(report: HealthReport): string[] {
  return report.probes
    .map(({ id, level, required, trading }) => `${id} ${level} ${required ? "required" : trading ? "trading" : "no"}`)
    .sort();
}

/** The report once every question was asked and nothing is warming up any more. */
export async function settledReport(ground: Ground): Promise<HealthReport> {
  let report = (await ground.health()).report;
  await expect
    .poll(
      async () => {
        ({ report } = await ground.health());
        return report.probes
          .filter(({ says }) => /^(Warming up|Not asked yet|.*verdict is due)/.test(says))
          .map(({ id }) => id);
      },
      { timeout: 150_000, intervals: [1000] },
    )
    .toEqual([]);
  return report;
}
