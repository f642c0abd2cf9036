import type { Group } from "../engine/probe.ts";
import type { Evidence, Label, Remedy } from "../problem.ts";

export type HealthLevel = "ok" | "warn" | "fail" | "unknown" | "stale";

/** One row of `/api/health`. Carries no personal data: no names, balances, key ids, paths. */
export interface HealthRow {
  id: string;
  kind: "probe" | "proof";
  group: Group;
  label: Label;
  title: string;
  level: HealthLevel;
  says: string;
  /** Milliseconds since the epoch; 0 where it was never asked. */
  checkedAt: number;
  ageMs: number;
  staleAfterMs: number;
  tookMs: number;
  /** Must hold for "installed". */
  required: boolean;
  /** Must hold for "tradable". */
  trading: boolean;
  remedy?: Remedy;
  evidence?: Evidence;
  objects?: readonly string[];
}

/** The answer of `GET /api/health` and of `doctor --json`. */
export interface HealthReport {
  status: "ok" | "degraded" | "down" | "unknown";
  installed: boolean;
  tradable: boolean;
  rehearsal: boolean;
  checkedAt: number;
  /** Sentences: why it is not installed, why it is not tradable. Empty where it is. */
  reasons: { installed: string[]; tradable: { label: Label; says: string }[] };
  probes: HealthRow[];
}
