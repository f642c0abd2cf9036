import type { DraftAnswers } from "../../lib/install/answers.ts";

/** The draft as a page may have it: a key id is half of what signs, and does not travel back to a browser. */
export function shownDraft(draft: DraftAnswers): DraftAnswers {
  return draft.kalshi?.kind === "key" ? { ...draft, kalshi: { ...draft.kalshi, keyId: "" } } : draft;
}
