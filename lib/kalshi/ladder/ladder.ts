import type { Problem } from "../../problem.ts";
import type { KalshiEnvironment } from "../../settings.ts";
import type { Kalshi } from "../kalshi.ts";
import type { Outcome } from "./outcomes.ts";
import type { Climb } from "./rungs.ts";

/** How a climb ends: thrown on a rung, caught by the diagnosis. */
export class Ended {
  readonly outcome: Outcome;
  readonly says?: string;
  readonly problem?: Problem;
  constructor(outcome: Outcome, more: { says?: string; problem?: Problem } = {}) {
    this.outcome = outcome;
    if (more.says !== undefined) this.says = more.says;
    if (more.problem) this.problem = more.problem;
  }
}

export interface Ladder extends Climb {
  kalshi: Kalshi;
  environment: KalshiEnvironment;
  signal: AbortSignal;
  now: () => number;
}

export interface DiagnosisInput {
  environment: KalshiEnvironment;
  /** As it was pasted. */
  keyId: string;
  /** As it was pasted or read from a file. */
  privateKey: string;
  passphrase?: string;
}
