import type { ProblemFacts } from "../../lib/problem.ts";
import { runtime } from "../../lib/runtime.ts";
import { isReaderOf } from "../../lib/server/session.ts";
import { shown } from "./answering.ts";

const noStore = { "cache-control": "no-store" };

/** An answer in JSON. Whoever reads an answer of the rehearsal must not take it for one of the real world. */
export function json(body: object, status = 200): Response {
  const told = runtime().kind === "rehearsal" ? { rehearsal: true, ...body } : body;
  return Response.json(told, { status, headers: noStore });
}

const notLetIn: ProblemFacts = {
  code: "session.missing",
  says: "This browser has not been let in.",
  remedy: { kind: "sentence", says: "Run npm run setup again and open the link that it prints." },
};

/** A reading handler for sessions: 401 without one, 422 with the sentence where a person can act on the failure. */
export async function reading(request: Request, work: () => Promise<Response> | Response): Promise<Response> {
  try {
    return isReaderOf(request) ? await work() : json({ problem: notLetIn }, 401);
  } catch (thrown) {
    return json({ problem: shown(thrown) }, 422);
  }
}
