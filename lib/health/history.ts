import type { Files } from "../machine/machine.ts";
import type { HealthLevel, HealthReport } from "./report.ts";

/** One minute of one group: the worst level seen in it and the median time of its answers. */
export interface HistoryPoint {
  /** Start of the minute, milliseconds since the epoch. */
  at: number;
  group: string;
  level: HealthLevel;
  tookMs: number;
}

const order: readonly HealthLevel[] = ["ok", "stale", "unknown", "warn", "fail"];
const minuteMs = 60_000;
const keptMs = 48 * 60 * minuteMs;

/** The points of one report: per group the worst level of the rows that count, and the median answer time. Pure. */
export function pointsOf(report: HealthReport, now: number): HistoryPoint[] {
  // What was never asked says nothing, and is no minute of not knowing.
  const asked = report.probes.filter((row) => row.checkedAt > 0);
  const groups = [...new Set(asked.map((row) => row.group))];
  return groups.map((group) => {
    const rows = asked.filter((row) => row.group === group);
    const level = rows.reduce<HealthLevel>(
      (worst, row) => (order.indexOf(row.level) > order.indexOf(worst) ? row.level : worst),
      "ok",
    );
    const times = rows.map((row) => row.tookMs).sort((a, b) => a - b);
    return { at: now - (now % minuteMs), group, level, tookMs: times[Math.floor(times.length / 2)] ?? 0 };
  });
}

export interface History {
  /** Newest last. */
  since(at: number): HistoryPoint[];
  /** Remembers a report: a worse level within the same minute replaces a better one. */
  note(report: HealthReport): Promise<void>;
}

/** The history of this installation, kept for two days in one file of the state folder. */
export async function openHistory(files: Files, path: string, now: () => number = Date.now): Promise<History> {
  const text = (await files.read(path)) ?? "";
  const kept = text
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as HistoryPoint)
    .filter((point) => now() - point.at < keptMs);
  await files.write(path, kept.map((point) => `${JSON.stringify(point)}\n`).join(""), 0o600);
  let points = kept;
  let minute: HistoryPoint[] = [];

  return {
    since: (at) => [...points, ...minute].filter((point) => point.at >= at),
    async note(report) {
      const fresh = pointsOf(report, now());
      const begun = fresh[0]?.at;
      if (begun === undefined) return;
      if (minute.length > 0 && minute[0]?.at !== begun) {
        const finished = minute;
        points = [...points, ...finished].filter((point) => now() - point.at < keptMs);
        minute = fresh;
        await files.append(path, finished.map((point) => `${JSON.stringify(point)}\n`).join(""), 0o600);
        return;
      }
      minute = fresh.map((point) => {
        const earlier = minute.find((candidate) => candidate.group === point.group);
        return earlier && order.indexOf(earlier.level) > order.indexOf(point.level)
          ? { ...point, level: earlier.level }
          : point;
      });
    },
  };
}
