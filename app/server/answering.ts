import type { z } from "zod";
import type { Answer } from "../../components/ui/answer.ts";
import { answerIssues } from "../../lib/install/answers.ts";
import { isProblem, type ProblemFacts, problemFacts } from "../../lib/problem.ts";
import { requireWriter } from "../../lib/server/session.ts";

/** What a page is told where we failed and nobody but us can act on it. The rest stands in the server's log. */
export const ownFault: ProblemFacts = {
  code: "page.own-fault",
  says: "This did not work, and the fault is ours.",
  remedy: { kind: "sentence", says: "Try once more; the server’s log says what happened." },
};

/** Anything that was thrown, as a problem that can be shown. A bug is written to the server's log and not described. */
export function shown(thrown: unknown): ProblemFacts {
  if (isProblem(thrown)) return problemFacts(thrown);
  console.error(thrown);
  return ownFault;
}

/** The whole of a server action: the session, the one call, and an answer that is never thrown across. */
export async function answering<Value>(token: string, work: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    await requireWriter(token);
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, problem: shown(thrown) };
  }
}

/** What a schema refused: one sentence at each field, and one for the page. */
export function refused(...errors: (z.ZodError | undefined)[]): Extract<Answer<never>, { ok: false }> {
  const issues = errors.flatMap((error) => (error ? answerIssues(error) : []));
  return {
    ok: false,
    problem: { code: "answers.not-usable", says: issues[0]?.says ?? "An answer is not usable." },
    issues,
  };
}
