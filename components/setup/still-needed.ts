import type { DraftAnswers } from "../../lib/install/answers.ts";
import type { FieldIssue } from "../ui/answer.ts";
import type { HeldSecrets } from "./contract.ts";
import type { StillNeeded } from "./pages/review-page.tsx";
import { type PageId, pages } from "./trail.ts";

const pageOf: Record<string, PageId> = {
  checkout: "checkout",
  person: "you",
  kalshi: "kalshi",
  database: "database",
  data: "data",
};

/** What has to be given before the plan can begin: unanswered pages, and secrets that are not in memory. */
export function stillNeeded(draft: DraftAnswers, held: HeldSecrets, issues: readonly FieldIssue[]): StillNeeded[] {
  const to = (id: PageId, says: string): StillNeeded => {
    const page = pages.find((each) => each.id === id) ?? pages[0];
    return { href: page.href, title: page.title, says };
  };
  const unanswered = new Set(issues.map((issue) => pageOf[issue.path.split(".")[0] ?? ""] ?? "review"));
  const needed = [...unanswered].map((id) => to(id, "This page was not answered yet."));
  if (draft.person && !held.loginPassword) needed.push(to("you", "Your password is not in memory. Give it again."));
  if (draft.kalshi?.kind === "key" && !held.kalshiPrivateKey)
    needed.push(to("kalshi", "The private key is not in memory. Give it again."));
  return needed;
}
