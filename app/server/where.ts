import type { RunSummary } from "../../lib/runtime.ts";

/**
 * Where somebody who opens the page belongs: to the run in hand, to the one that stopped half-way, to the health of what
 * is installed, else to the wizard. Pure.
 */
export function whereToGo(runs: readonly RunSummary[]): string {
  const newestFirst = [...runs].sort((a, b) => b.startedAt - a.startedAt);
  const running = newestFirst.find((run) => run.status === "running");
  const purposes = new Map(runs.map(({ runId, purpose }) => [runId, purpose]));
  const takenBack = new Set(
    runs.flatMap((run) => (run.purpose === "undo" && run.status === "done" ? (run.takesBack ?? []) : [])),
  );
  // A repair, what took one back, and an update that was taken back leave an installation where it was.
  const last = newestFirst.find((run) => {
    if (run.purpose === "undo") return run.takesBack?.some((runId) => purposes.get(runId) === "install") ?? true;
    return run.purpose === "install" || (run.purpose === "update" && !takenBack.has(run.runId));
  });
  if (running) return `/runs/${running.runId}`;
  // What the server's own end cut off has left something half: a key on disk that the record does not know, for one.
  const [newest] = newestFirst;
  if (newest?.status === "interrupted") return `/runs/${newest.runId}`;
  if (!last) return "/setup";
  if (last.status !== "done") return `/runs/${last.runId}`;
  return last.purpose === "undo" ? "/setup" : "/health";
}
