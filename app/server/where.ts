import type { RunSummary } from "../../lib/runtime.ts";

/**
 * Where somebody who opens the page belongs: to the run in hand, to the one that stopped half-way, to the health of what
 * is installed, else to the wizard. Pure.
 */
export function whereToGo(runs: readonly RunSummary[]): string {
  const newestFirst = [...runs].sort((a, b) => b.startedAt - a.startedAt);
  const running = newestFirst.find((run) => run.status === "running");
  const last = newestFirst.find((run) => run.purpose !== "repair");
  if (running) return `/runs/${running.runId}`;
  if (!last) return "/setup";
  if (last.status !== "done") return `/runs/${last.runId}`;
  return last.purpose === "undo" ? "/setup" : "/health";
}
