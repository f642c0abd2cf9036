import type { ProblemFacts } from "../../lib/problem.ts";

/** One field that was refused: `path` inside the page's answer ("email"), and one plain sentence. */
export interface FieldIssue {
  path: string;
  says: string;
}

/** What a server action hands back: it never throws across. */
export type Answer<Value> = { ok: true; value: Value } | { ok: false; problem: ProblemFacts; issues?: FieldIssue[] };
