import type { EntryStatus, RunState } from "../../lib/engine/state.ts";
import type { Answers, DraftAnswers } from "../../lib/install/answers.ts";
import type { FieldIssue } from "../ui/answer.ts";
import type { HeldSecrets } from "./contract.ts";
import { type PageId, pages } from "./trail.ts";

/** A page that has to be seen again before the plan can begin or go on, and why. */
export interface StillNeeded {
  href: string;
  /** The name of the page. */
  title: string;
  /** What to do there, as a sentence. */
  says: string;
  because?: string;
  /** True where nobody can tell beforehand whether it will be asked for. */
  perhaps?: true;
}

const pageOf: Record<string, PageId> = {
  checkout: "checkout",
  person: "you",
  kalshi: "kalshi",
  database: "database",
  data: "data",
};

const inMemoryOnly = "It was held in memory only, and is not there any more.";

function to(id: PageId, says: string, more: Pick<StillNeeded, "because" | "perhaps"> & { backTo?: string } = {}) {
  const page = pages.find((each) => each.id === id) ?? pages[0];
  const { backTo, ...rest } = more;
  const href = backTo === undefined ? page.href : `${page.href}?then=${encodeURIComponent(backTo)}`;
  return { href, title: page.title, says, ...rest };
}

/** What has to be given before the plan can begin: unanswered pages, and secrets that are not in memory. */
export function stillNeeded(draft: DraftAnswers, held: HeldSecrets, issues: readonly FieldIssue[]): StillNeeded[] {
  const unanswered = new Set(issues.map((issue) => pageOf[issue.path.split(".")[0] ?? ""] ?? "review"));
  const needed: StillNeeded[] = [...unanswered].map((id) => to(id, "This page was not answered yet."));
  // The page of the key is reached only with a password; before that, none may have been given.
  if (draft.person && !held.loginPassword)
    needed.push(
      draft.kalshi
        ? to("you", "Give the password again.", { because: inMemoryOnly, backTo: "review" })
        : to("you", "Give a password."),
    );
  if (draft.kalshi?.kind === "key" && !held.kalshiPrivateKey)
    needed.push(to("kalshi", "Give the Kalshi key again.", { because: inMemoryOnly, backTo: "review" }));
  if (draft.data?.kind === "source" && !held.sourcePassword)
    needed.push(to("data", "Give the source’s password again.", { because: inMemoryOnly, backTo: "review" }));
  return needed;
}

const settled: ReadonlySet<EntryStatus> = new Set(["done", "already"]);
const goesOn: ReadonlySet<RunState["status"]> = new Set(["failed", "blocked", "stopped", "interrupted"]);

/**
 * What a run that stopped half-way will ask for when it goes on, and that died with an earlier server: only what its
 * open steps still use. Empty for a run that is in hand or at its end.
 * @param installed the answers of the run, where they are known
 * @param backTo where the pages lead back to: the run itself, unless the review page asks
 */
export function neededByRun(
  run: RunState,
  held: HeldSecrets,
  installed: Answers | undefined,
  backTo = run.runId,
): StillNeeded[] {
  if (!goesOn.has(run.status) || run.purpose === "undo") return [];
  const open = (id: string) => run.entries.some((entry) => entry.id === id && !settled.has(entry.status));
  const needed: StillNeeded[] = [];
  if (open("create-login") && !held.loginPassword)
    needed.push(to("you", "Give the password again.", { because: inMemoryOnly, backTo }));
  if (open("write-credentials") && !held.kalshiPrivateKey)
    needed.push(to("kalshi", "Give the Kalshi key again.", { because: inMemoryOnly, backTo }));
  if (open("clone-system-data") && !held.sourcePassword)
    needed.push(to("data", "Give the source’s password again.", { because: inMemoryOnly, backTo }));
  const made = !open("create-database-roles") && !open("create-database");
  if (installed?.database.kind === "server" && !made && !held.databaseAdminPassword)
    needed.push(
      to("database", "Give the administrator’s password again.", {
        because: "Where the server asks for one. It was held in memory only.",
        perhaps: true,
        backTo,
      }),
    );
  return needed;
}
