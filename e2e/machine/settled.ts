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

/** The report once it is installed and every question was asked. */
export async function installedReport(ground: Ground): Promise<HealthReport> {
  await untilStatus(ground, 200, 60_000);
  let { report } = await ground.health();
  await expect
    .poll(
      async () => {
        ({ report } = await ground.health());
        return report.probes.filter(({ checkedAt }) => checkedAt === 0).map(({ id }) => id);
      },
      { timeout: 60_000, intervals: [500] },
    )
    .toEqual([]);
  return report;
}

/**
 * Where two installations came to different ends: a question that only one of them asks, that counts for something else,
 * or that has another level. Words, ages and numbers may differ, and a level while one of the two is warming up.
 */
export function differencesOf(one: HealthReport, other: HealthReport): string[] {
  const ids = new Set([...one.probes, ...other.probes].map(({ id }) => id));
  return [...ids].flatMap((id) => {
    const [here, there] = [one, other].map(({ probes }) => probes.find((row) => row.id === id));
    if (!here || !there) return [`${id} is asked by one alone`];
    if (here.required !== there.required || here.trading !== there.trading) return [`${id} counts for something else`];
    if (here.level === there.level || here.warmingUp || there.warmingUp) return [];
    return [`${id}: ${here.level} (${here.says}) and ${there.level} (${there.says})`];
  });
}
