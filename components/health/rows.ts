import type { HealthLevel, HealthReport, HealthRow } from "../../lib/health/report.ts";

/** A report as it is now: carried on by this browser's clock since it came. */
export interface AgedReport extends HealthReport {
  /** Milliseconds since the server said this. */
  silentMs: number;
}

/** After this long without an answer of the server, the page no longer claims anything. In milliseconds. */
export const tooLongSilent = 15_000;

/** Lets every age go on, and turns what has become too old into stale: green never freezes. Pure. */
export function aged(report: HealthReport, silentMs: number): AgedReport {
  const probes = report.probes.map((row) => {
    const ageMs = row.ageMs + silentMs;
    const level: HealthLevel = row.checkedAt > 0 && ageMs > row.staleAfterMs ? "stale" : row.level;
    return { ...row, ageMs, level };
  });
  return { ...report, probes, silentMs };
}

const worst: readonly HealthLevel[] = ["fail", "unknown", "stale", "warn", "ok"];

/** The level that a group wears: its worst. */
export function worstOf(rows: readonly HealthRow[]): HealthLevel {
  return worst.find((level) => rows.some((row) => row.level === level)) ?? "unknown";
}

const verbs: Record<HealthLevel, string> = {
  ok: "ok",
  warn: "warns",
  fail: "fails",
  unknown: "unknown",
  stale: "stale",
};
const manyVerbs: Record<HealthLevel, string> = { ...verbs, warn: "warn", fail: "fail" };

/** "9 ok", "1 of 6 warns", "2 of 8 fail". */
export function sumOf(rows: readonly HealthRow[]): string {
  const level = worstOf(rows);
  const count = rows.filter((row) => row.level === level).length;
  if (level === "ok") return `${count} ok`;
  return `${count} of ${rows.length} ${(count === 1 ? verbs : manyVerbs)[level]}`;
}

/** Rows that are not ok first, in the order of how bad they are; otherwise as the report has them. */
export function notOkFirst(rows: readonly HealthRow[]): HealthRow[] {
  return [...rows].sort((a, b) => worst.indexOf(a.level) - worst.indexOf(b.level));
}

/** The rows that show in a group while it is folded, and how many ok ones are folded away. */
export function folded(rows: readonly HealthRow[], shownOk = 4): { shown: HealthRow[]; more: HealthRow[] } {
  const ordered = notOkFirst(rows);
  const ok = ordered.filter((row) => row.level === "ok");
  const rest = ordered.filter((row) => row.level !== "ok");
  const kept = ok.length <= shownOk + 1 ? ok.length : shownOk;
  return { shown: [...rest, ...ok.slice(0, kept)], more: ok.slice(kept) };
}
