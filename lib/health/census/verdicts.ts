import type { FoundRoute } from "../../checkout/source/routes.ts";
import { excerpt, hiddenError, type ProgramAnswer } from "../program-client.ts";

/**
 * What a route is worth. "constant": it always says that all is well. "lies": its status says that all is well and its
 * body says otherwise, or it calls itself ill while nothing is wrong. "broken": it answers with an error.
 */
export type Verdict = "works" | "constant" | "lies" | "broken" | "not asked";

export interface CensusRow {
  program: string;
  /** As the code has it. */
  path: string;
  /** "backend/main.py:794". */
  where: string;
  verdict: Verdict;
  /** What came back, or why it was not asked. */
  says: string;
  tookMs?: number;
}

const isPage = (text: string) => /^\s*<(!doctype|html)/i.test(text);

/** The body as JSON, or undefined. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an answer is worth, by its body. Pure. */
export function verdictOf(
  route: Pick<FoundRoute, "path" | "constant">,
  answer: Pick<ProgramAnswer, "status" | "type" | "text" | "location">,
): Pick<CensusRow, "verdict" | "says"> {
  const { status, type, text, location } = answer;
  const seen = `${status} ${excerpt(text).slice(0, 120)}`.trim();
  if (status === 304 || (status >= 300 && status < 400 && location !== undefined))
    return { verdict: "works", says: `${status} to ${location ?? "what is known"}` };
  if (status === 422) return { verdict: "not asked", says: "it wants parameters that are not known here" };
  if (status < 200 || status > 299) return { verdict: "broken", says: seen };
  if (route.constant) return { verdict: "constant", says: "always the same, whatever is the case" };
  const body = parsed(text);
  if (body === undefined) {
    const expected = isPage(text) || !/json/.test(type);
    return expected && text.length > 0
      ? { verdict: "works", says: `${status}, ${isPage(text) ? "a page" : type || "a file"}` }
      : { verdict: "lies", says: `${status} with ${text.length === 0 ? "nothing in it" : "what is no JSON"}` };
  }
  const error = hiddenError(body);
  if (error !== undefined) return { verdict: "lies", says: `${status}, and inside: ${excerpt(error).slice(0, 120)}` };
  const { issues, status: word } = body as { issues?: unknown; status?: unknown };
  if (Array.isArray(issues) && issues.length > 0 && word !== "healthy" && word !== "ok")
    return {
      verdict: "lies",
      says: `it calls itself ${String(word)} (${issues.map(String).join(", ").slice(0, 100)})`,
    };
  return { verdict: "works", says: `${status}, ${excerpt(text).length < 3 ? "empty" : "data"}` };
}

/** "51 of 62 GET routes work; 5 are constants: …". Pure. */
export function censusSentence(rows: readonly CensusRow[]): string {
  const of = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict);
  const names = (found: readonly CensusRow[]) => found.map(({ program, path }) => `${path} of ${program}`).join(", ");
  const part = (verdict: Verdict, word: (count: number) => string) => {
    const found = of(verdict);
    return found.length === 0 ? [] : [`${found.length} ${word(found.length)}: ${names(found)}`];
  };
  return `${[
    `${of("works").length} of ${rows.length} GET routes work`,
    ...part("lies", (count) => (count === 1 ? "says what is not so" : "say what is not so")),
    ...part("broken", (count) => (count === 1 ? "is broken" : "are broken")),
    ...part("constant", (count) => (count === 1 ? "is a constant" : "are constants")),
    ...part("not asked", (count) => (count === 1 ? "was not asked" : "were not asked")),
  ].join("; ")}.`;
}
