import type { WarmingUp } from "../../engine/probe.ts";
import type { HealthReport, HealthRow } from "../../health/report.ts";
import type { RestFigures } from "../bench/rest.ts";
import type { CatalogueRow } from "./catalogue.ts";
import type { CopySeen } from "./source-stand-in.ts";
import type { SpeedFigures } from "./speed.ts";

/** What one drill saw: how long until the fault was named, and how long until it was green again. Milliseconds. */
export interface DrillResult {
  name: string;
  held: boolean;
  says: string;
  noticedAfterMs?: number;
  mendedAfterMs?: number;
}

/** What was seen of one program. One that holds and still warms up is not proven: it says how long that takes. */
export interface ProgramProven {
  proven: boolean;
  warmingUp?: WarmingUp;
  evidence: string;
}

/** What `npm run test:recio --json` prints. */
export interface RecioTestReport {
  checkout: string;
  commit: string;
  dialect: "2025" | "today";
  /** REC.IO's own rows: how many carry a price, of how many; the distinct probabilities of the strikes; cents of the account. */
  markets: { rows: number; priced: number; strikes: number; probabilities: number; balanceCents: number | null };
  /** What was copied from the stand-in of a source, where there was one. */
  copied?: CopySeen;
  /** What the checkout's gate said before anything was changed, where it did not let us through at first. */
  gate?: { blocked: true; says: string[]; changedBefore: string[] };
  installed: boolean;
  tradable: boolean;
  tradableReasons: { label: string; says: string }[];
  /** From the built project to "installed". */
  installSeconds: number;
  programs: Record<string, ProgramProven>;
  /** Every proof with what it asked and what it got, and how long all of them took together. Milliseconds. */
  proofs: {
    ms: number;
    each: { program: string; id: string; level: string; asked: string; cameBack: string; tookMs: number }[];
  };
  findings: { id: string; level: string; required: boolean; label: string; says: string; warmingUp?: WarmingUp }[];
  drills: DrillResult[];
  /** Every known false success, brought about on purpose, where that was asked for. */
  catalogue?: CatalogueRow[];
  /** What watching cost, where it was measured. */
  rest?: RestFigures;
  /** How soon it was proven, and what proving it costs. */
  speed?: SpeedFigures;
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

/**
 * Each program with the sentences of its proofs; proven only if every required row about it holds and none of them still
 * warms up. Pure.
 */
export function programsOf(report: HealthReport): RecioTestReport["programs"] {
  const names = [...new Set(report.probes.flatMap((row) => (row.program ? [row.program] : [])))];
  return Object.fromEntries(names.map((name) => [name, provenOf(report.probes.filter((row) => row.program === name))]));
}

function provenOf(rows: readonly HealthRow[]): ProgramProven {
  const required = rows.filter((row) => row.required);
  const holds = required.length > 0 && required.every((row) => row.level === "ok" || row.level === "warn");
  const seconds = required.flatMap(({ warmingUp }) => (warmingUp ? [warmingUp.secondsLeft] : []));
  const shown = required.length > 0 ? required : rows;
  return {
    proven: holds && seconds.length === 0,
    ...(seconds.length > 0 ? { warmingUp: { secondsLeft: Math.max(...seconds) } } : {}),
    evidence: shown.map((row) => `${row.level}: ${row.says}`).join(" · "),
  };
}

/** What each proof asked and got, and the time of all together. Pure. */
export function proofsOf(report: HealthReport): RecioTestReport["proofs"] {
  const each = report.probes
    .filter((row) => row.kind === "proof")
    .map(({ id, program = "REC.IO", level, says, evidence, tookMs }) => ({
      program,
      id,
      level,
      asked: evidence?.asked ?? "",
      cameBack: evidence?.cameBack ?? says,
      tookMs,
    }));
  return { ms: each.reduce((sum, { tookMs }) => sum + tookMs, 0), each };
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
    .map(({ id, level, required, label, says, warmingUp }) => ({
      id,
      level,
      required,
      label,
      says,
      ...(warmingUp ? { warmingUp } : {}),
    }));
}
