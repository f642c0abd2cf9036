import type { HealthReport, HealthRow } from "../../health/report.ts";
import type { Break } from "./break.ts";

const isGood = (row: HealthRow | undefined) => row?.level === "ok" || row?.level === "warn";

/** The finding that a break must bring about, if it is there. Pure. */
export function foundBy(one: Break, report: HealthReport, since: number): HealthRow | undefined {
  const { probes, level, cause } = one.expects;
  return report.probes.find(
    (row) => probes.includes(row.id) && row.checkedAt >= since && row.level === level && cause.test(row.says),
  );
}

/**
 * Everything is as good again as it was before: the findings that were to turn, and the verdicts. While another switch
 * is still on, a finding may go on being bad, but not for this cause, and the verdicts are the other's. Pure.
 * @param before what held when nothing was broken yet
 */
export function greenAgain(
  one: Break,
  report: HealthReport,
  since: number,
  before: { tradable: boolean },
  others: readonly Break[] = [],
): boolean {
  const { probes, level, cause } = one.expects;
  const isMine = (row: HealthRow) => cause.test(row.says) && row.level === level;
  const notMine = (row: HealthRow) => others.length > 0 && row.level === "fail" && !cause.test(row.says);
  const turned = (row: HealthRow) => level !== "ok" && isMine(row);
  const asked = (row: HealthRow) => row.checkedAt >= since || level === "ok";
  const rows = report.probes.filter(({ id }) => probes.includes(id));
  const good = rows.every((row) => asked(row) && (isGood(row) || notMine(row)) && !turned(row));
  if (!good || others.length > 0) return good;
  return report.installed && (report.tradable || !before.tradable);
}
