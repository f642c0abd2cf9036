import { type ProblemFacts, sentence } from "../problem.ts";
import type { World } from "../world.ts";
import type { Answer } from "./ask.ts";
import type { Consent } from "./consent.ts";
import type { Journal } from "./journal.ts";
import type { Probe, Proof } from "./probe.ts";
import type { Plan, Secrets } from "./step.ts";

export interface Execution {
  plan: Plan;
  world: World;
  journal: Journal;
  secrets: Secrets;
  consent: Consent;
  /** Aborted when the person asks to stop: the step in hand is told, nothing after it begins. */
  signal: AbortSignal;
  /** Told of every answer to a proof, so that the health page knows it too. */
  onProof?: (proof: Proof, answer: Answer) => void;
  /** Told of exceptions that are no Problems. */
  onBug?: (thrown: unknown, where: string) => void;
  /** How long to wait between two attempts of a proof, in milliseconds. Default 1000. */
  proofPauseMs?: number;
}

export type Outcome = "done" | "failed" | "blocked" | "stopped";

/** A question with what came back. */
export type Asked = { probe: Probe; answer: Answer };

/** Whole milliseconds since an instant of `performance.now()`. */
export function since(started: number): number {
  return Math.round(performance.now() - started);
}

/** The first finding that speaks loudest, as the one line at the right of a row. */
export function evidenceLine(asked: readonly Asked[]): string {
  const loudest = asked.find(({ answer }) => answer.finding.level === "warn") ?? asked[0];
  return loudest?.answer.finding.says ?? "";
}

/** What a finding that does not hold amounts to as a problem of its entry. */
export function problemOf(asked: readonly Asked[], code: string): ProblemFacts | undefined {
  const bad = asked.filter(({ answer }) => answer.finding.level === "fail" || answer.finding.level === "unknown");
  const [first] = bad.sort(
    (a, b) => Number(b.answer.finding.level === "fail") - Number(a.answer.finding.level === "fail"),
  );
  if (!first) return undefined;
  const { finding } = first.answer;
  const more =
    bad.length > 1
      ? ` ${bad.length - 1} more ${bad.length === 2 ? "question has" : "questions have"} no good answer either.`
      : "";
  return {
    code,
    says: `${finding.says}${more}`,
    remedy: ("remedy" in finding && finding.remedy) || sentence("Try again when it can be asked."),
    ...(finding.evidence ? { evidence: finding.evidence } : {}),
  };
}

/** The journal's schema knows no read-only arrays. */
export function mutable(finding: Answer["finding"]) {
  const { objects, ...rest } = finding;
  return objects ? { ...rest, objects: [...objects] } : rest;
}
