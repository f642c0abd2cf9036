import type { HealthReport, HealthRow } from "../../health/report.ts";
import type { RestFigures } from "../bench/rest.ts";

/** What one drill saw: how long until the fault was named, and how long until it was green again. Milliseconds. */
export interface DrillResult {
  name: string;
  held: boolean;
  says: string;
  noticedAfterMs?: number;
  mendedAfterMs?: number;
}

/** What `npm run test:recio --json` prints. */
export interface RecioTestReport {
  checkout: string;
  commit: string;
  dialect: "2025" | "today";
  /** What the checkout's gate said before anything was changed, where it did not let us through at first. */
  gate?: { blocked: true; says: string[]; changedBefore: string[] };
  installed: boolean;
  tradable: boolean;
  tradableReasons: { label: string; says: string }[];
  /** From the built project to "installed". */
  installSeconds: number;
  programs: Record<string, { proven: boolean; evidence: string }>;
  findings: { id: string; level: string; required: boolean; label: string; says: string }[];
  drills: DrillResult[];
  /** What watching cost, where it was measured. */
  rest?: RestFigures;
  /** What the stand-ins of the exchange were sent. */
  exchange: { requests: number; notGet: number; orders: number; hosts: Record<string, number> };
  /** After the uninstall. */
  left: {
    processes: string[];
    listeners: string[];
    files: string[];
    checkoutChanges: string[];
    /** Differences of a server that is not ours. */
    serverChanges?: string[];
  };
  gitStatusClean: boolean;
}

/** Each program with the sentence of its proofs; proven only if every required row about it holds. Pure. */
export function programsOf(report: HealthReport): RecioTestReport["programs"] {
  const names = [...new Set(report.probes.flatMap((row) => (row.program ? [row.program] : [])))];
  return Object.fromEntries(
    names.map((name) => {
      const rows = report.probes.filter((row) => row.program === name && row.required);
      const holds = (row: HealthRow) => row.level === "ok" || row.level === "warn";
      const shown = rows.length > 0 ? rows : report.probes.filter((row) => row.program === name);
      return [
        name,
        {
          proven: rows.length > 0 && rows.every(holds),
          evidence: shown.map((row) => `${row.level}: ${row.says}`).join(" · "),
        },
      ];
    }),
  );
}

/** What came and what went between two looks, one line each. Pure. */
export function differences(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...after.filter((line) => !before.includes(line)),
    ...before.filter((line) => !after.includes(line)).map((line) => `gone: ${line}`),
  ];
}

/** Everything that is not ok, loudest first. Pure. */
export function findingsOf(report: HealthReport): RecioTestReport["findings"] {
  return report.probes
    .filter((row) => row.level !== "ok")
    .sort((a, b) => Number(b.required) - Number(a.required))
    .map(({ id, level, required, label, says }) => ({ id, level, required, label, says }));
}
