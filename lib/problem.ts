/** Whose fault a finding is: this machine's, the checkout's, or the exchange's. */
export type Label = "machine" | "checkout" | "exchange";

/** What to do about a finding or a problem: a step of the plan (drawn as a button) or a sentence for the person. */
export type Remedy = { kind: "step"; stepId: string; says: string } | { kind: "sentence"; says: string };

/** What was asked of the world and what came back; both are shown to the person as they are. Never holds a secret. */
export interface Evidence {
  asked: string;
  cameBack: string;
  means?: string;
}

/** The plain form of a problem, as it stands in journals, JSON and pages. */
export interface ProblemFacts {
  /** `area.what-is-wrong`, kebab-case, stable. */
  code: string;
  /** One plain sentence that says what is wrong. */
  says: string;
  remedy?: Remedy;
  evidence?: Evidence;
}

const mark = "rec-io-setup.problem";

/**
 * A failure that a person can act on. Anything else that is thrown is a bug.
 * Test with {@link isProblem}, never with `instanceof`: Next gives pages and handlers module instances of their own.
 */
export class Problem extends Error implements ProblemFacts {
  readonly mark = mark;
  readonly code: string;
  readonly says: string;
  readonly remedy?: Remedy;
  readonly evidence?: Evidence;

  constructor(facts: ProblemFacts, options?: { cause?: unknown }) {
    super(facts.says, options);
    this.name = "Problem";
    this.code = facts.code;
    this.says = facts.says;
    if (facts.remedy) this.remedy = facts.remedy;
    if (facts.evidence) this.evidence = facts.evidence;
  }
}

/** True for a {@link Problem} of any module instance. */
export function isProblem(thrown: unknown): thrown is Problem {
  return typeof thrown === "object" && thrown !== null && (thrown as { mark?: unknown }).mark === mark;
}

/** The plain, serialisable form of a problem. */
export function problemFacts(problem: ProblemFacts): ProblemFacts {
  return {
    code: problem.code,
    says: problem.says,
    ...(problem.remedy ? { remedy: problem.remedy } : {}),
    ...(problem.evidence ? { evidence: problem.evidence } : {}),
  };
}

/** A remedy that only a person can carry out. */
export function sentence(says: string): Remedy {
  return { kind: "sentence", says };
}

/** A remedy that a step of the plan carries out. */
export function repairedBy(stepId: string, says: string): Remedy {
  return { kind: "step", stepId, says };
}
