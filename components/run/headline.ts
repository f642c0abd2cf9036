import type { RunState } from "../../lib/engine/state.ts";

/** One sentence for where a run stands, one for what comes of it. */
export interface Headline {
  title: string;
  says: string;
}

const doneWords = {
  install: "Everything in the plan is done and proven.",
  repair: "The repair is done, and holds.",
  update: "REC.IO is updated, and proven.",
  key: "REC.IO has the other key, and works with it.",
  undo: "What this run did is taken back.",
} as const;

const runningWords = {
  install: "The installation is running.",
  repair: "The repair is running.",
  update: "The update is running.",
  key: "The key is being changed.",
  undo: "Taking back what was done.",
} as const;

/** Where a proving ended before all of it could be seen, nothing is called proven. */
function warmsUp({ entries }: RunState): Headline | undefined {
  const warming = entries
    .filter(({ kind }) => kind === "proving")
    .flatMap(({ findings }) => findings.filter(({ finding }) => finding.level === "warn" && finding.warmingUp));
  const [first] = warming;
  return first && { title: "Everything in the plan is done, and not all of it proven yet.", says: first.finding.says };
}

/**
 * The run in words: for the head of the page and for the tab.
 * @param changedKey the repair gives REC.IO another Kalshi key
 */
export function headline(run: RunState, changedKey: boolean): Headline {
  const kind = changedKey ? "key" : run.purpose;
  const open = run.entries.find((entry) => entry.status === "failed" || entry.status === "blocked");
  switch (run.status) {
    case "unborn":
      return { title: "The run has not begun.", says: "It begins in a moment." };
    case "running": {
      const current = run.entries.find((entry) => entry.status === "running");
      return { title: runningWords[kind], says: current ? `${current.title} now` : "between two steps" };
    }
    case "done":
      return warmsUp(run) ?? { title: doneWords[kind], says: "" };
    case "failed":
      return { title: "One step needs you.", says: open?.title ?? "" };
    case "blocked":
      return { title: "It did not begin to change anything more.", says: open?.title ?? "" };
    case "stopped":
      return { title: "Stopped, as you asked.", says: "Nothing is lost. It goes on where it stopped." };
    case "interrupted":
      return { title: "The run was interrupted.", says: "Nothing is lost. It goes on where it stopped." };
  }
}
