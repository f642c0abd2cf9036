import type { DraftAnswers } from "../../lib/install/answers.ts";

export const pages = [
  { id: "welcome", title: "What this is", href: "/setup" },
  { id: "checkout", title: "Checkout", href: "/setup/checkout" },
  { id: "you", title: "You", href: "/setup/you" },
  { id: "kalshi", title: "Kalshi", href: "/setup/kalshi" },
  { id: "database", title: "Database", href: "/setup/database" },
  { id: "data", title: "System data", href: "/setup/data" },
  { id: "review", title: "Review", href: "/setup/review" },
] as const;

export type PageId = (typeof pages)[number]["id"];

export interface TrailEntry {
  id: PageId;
  title: string;
  href: string;
  /** The answer that was given, one string a line; absent where the page was not answered. */
  given?: readonly { text: string; data: boolean }[];
}

const dataWords = {
  archive: "built from the archive",
  source: "copied from a source",
  backup: "out of a backup",
  none: "none",
} as const;

const data = (text: string) => ({ text, data: true });
const text = (said: string) => ({ text: said, data: false });

function givenOn(id: PageId, draft: DraftAnswers): TrailEntry["given"] {
  switch (id) {
    case "welcome":
      return [text("seven short pages")];
    case "checkout":
      return draft.checkout && [data(draft.checkout.kind === "path" ? draft.checkout.path : draft.checkout.into)];
    case "you":
      return draft.person && [data(draft.person.userId)];
    case "kalshi":
      return (
        draft.kalshi && [
          text(
            draft.kalshi.kind === "none"
              ? "without a key"
              : draft.kalshi.environment === "demo"
                ? "demo"
                : "production",
          ),
        ]
      );
    case "database":
      return (
        draft.database && [
          draft.database.kind === "embedded"
            ? text(`embedded, port ${draft.database.port}`)
            : data(`${draft.database.host}:${draft.database.port}`),
        ]
      );
    case "data":
      return draft.data && [text(dataWords[draft.data.kind])];
    case "review":
      return undefined;
  }
}

/** The pages of the wizard with the answers that were given on them, for the trail at the left. */
export function trailOf(draft: DraftAnswers): TrailEntry[] {
  return pages.map((page) => {
    const given = givenOn(page.id, draft);
    return given ? { ...page, given } : { ...page };
  });
}
