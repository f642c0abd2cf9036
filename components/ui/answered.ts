import type { Answer } from "./answer.ts";

/**
 * What came of a server action. An action hands its failures back as sentences; what is thrown on the way is a server that
 * does not answer (it is restarted, or the line to it is gone), and is a sentence here, so that a page keeps what was typed.
 */
export async function answered<Value>(call: Promise<Answer<Value>>): Promise<Answer<Value>> {
  try {
    return await call;
  } catch {
    return {
      ok: false,
      problem: {
        code: "page.no-answer",
        says: "This page’s server does not answer.",
        remedy: {
          kind: "sentence",
          says: "Press again in a moment: nothing on this page is lost. If it stays so, npm start brings the server back; then reload.",
        },
      },
    };
  }
}
