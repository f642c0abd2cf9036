"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState, useTransition } from "react";
import type { EntryState, RunState } from "../../lib/engine/state.ts";
import type { ProblemFacts } from "../../lib/problem.ts";
import { NothingAbove } from "../plan/plan.tsx";
import { RepairButton } from "../plan/repair-button.tsx";
import type { StillNeeded } from "../setup/still-needed.ts";
import type { Answer } from "../ui/answer.ts";
import { answered } from "../ui/answered.ts";
import { useServerClock } from "../ui/clock.ts";
import { timeOf } from "../ui/format.ts";
import { Log } from "../ui/log.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { useTab } from "../ui/use-tab.ts";
import { writeToken } from "../ui/write-token.ts";
import type { RunActions } from "./contract.ts";
import { GivenAgain } from "./given-again.tsx";
import { headline } from "./headline.ts";
import { StepRow } from "./step-row.tsx";
import { UndoButton } from "./undo-button.tsx";
import { useRun } from "./use-run.ts";
import { Where } from "./where.tsx";

const icons = {
  unborn: "running",
  running: "running",
  done: "ok",
  failed: "fail",
  blocked: "fail",
  stopped: "warn",
  interrupted: "unknown",
} as const;

/** One run, painted by the server and followed here. */
export function RunView({
  painted,
  paintedAt,
  needed,
  then,
  changedKey,
  actions,
}: {
  painted: RunState;
  /** The server's clock when it painted, milliseconds since the epoch. */
  paintedAt: number;
  /** What the run will ask for when it goes on, and what is no longer in memory. */
  needed: readonly StillNeeded[];
  /** The run that this repair was for. */
  then?: string | undefined;
  /** True where the run gave REC.IO another Kalshi key: it is taken back as it was made, and shown before. */
  changedKey: boolean;
  actions: RunActions;
}) {
  const { run, connected, samples, followAgain } = useRun(painted);
  const now = useServerClock(paintedAt);
  const router = useRouter();
  const [busy, startTransition] = useTransition();
  const [problem, setProblem] = useState<ProblemFacts>();
  const words = headline(run, changedKey);
  useTab(words.title.replace(/\.$/, ""), icons[run.status]);

  // Which secrets are gone is known by the server: it is asked again when a run ends before this page's eyes.
  const ended = run.status !== "running" && run.status !== painted.status;
  useEffect(() => {
    if (ended) router.refresh();
  }, [ended, router]);
  const missing = run.status === "running" ? [] : needed;
  const waits = missing.some((page) => !page.perhaps);

  const act = (work: () => Promise<Answer<{ runId: string } | null>>, page?: string) =>
    startTransition(async () => {
      const came = await answered(work());
      if (!came.ok) return setProblem(came.problem);
      setProblem(undefined);
      if (page !== undefined) return router.push(page);
      if (came.value && came.value.runId !== run.runId) router.push(`/runs/${came.value.runId}`);
      else followAgain();
    });
  const resume = (runId: string) => act(() => actions.resume(writeToken(), runId));

  const remedy = (entry: EntryState) => {
    const offered = entry.problem?.remedy;
    return (
      <>
        {offered?.kind === "step" && (
          <RepairButton stepId={offered.stepId} title={offered.says} actions={actions} then={run.runId} />
        )}
        {run.status !== "running" && (
          <button
            type="button"
            className={offered?.kind === "step" || waits ? "btn" : "btn btn-do"}
            disabled={busy}
            onClick={() => resume(run.runId)}
          >
            {offered?.kind === "step" ? "Retry only" : "Retry"}
          </button>
        )}
      </>
    );
  };

  const gates = run.entries.filter((entry) => entry.kind === "gate");
  const rest = run.entries.filter((entry) => entry.kind !== "gate");
  const row = (entry: EntryState) => (
    <StepRow key={entry.id} entry={entry} now={now} samples={samples[entry.id] ?? []} remedy={remedy(entry)} />
  );
  const goesOn = run.status === "stopped" || run.status === "interrupted";
  const mayUndo =
    run.purpose !== "undo" && run.status !== "running" && run.entries.some((entry) => entry.receipts.length > 0);
  return (
    <main id="main" className="wrap runpage">
      <Where run={run} words={words} now={now} samples={samples} connected={connected}>
        <GivenAgain needed={missing} />
        {run.status === "done" && run.purpose === "install" && (
          <>
            <Link className="btn btn-do" href="/health" prefetch={false}>
              Open the health page
            </Link>
            <Link className="btn" href="/health/report" prefetch={false}>
              Completion report
            </Link>
          </>
        )}
        {run.status === "done" && run.purpose !== "install" && (
          <button
            type="button"
            className="btn btn-do"
            disabled={busy}
            onClick={() => (then ? resume(then) : router.push(run.purpose === "undo" ? "/" : "/health"))}
          >
            {then ? "Go on with the installation" : run.purpose === "undo" ? "Go on" : "Back to the health page"}
          </button>
        )}
        {goesOn && (
          <button
            type="button"
            className={waits ? "btn" : "btn btn-do"}
            disabled={busy}
            onClick={() => resume(run.runId)}
          >
            {run.purpose === "install" ? "Go on with the installation" : "Go on"}
          </button>
        )}
        {run.status === "running" && (
          <button
            type="button"
            className="btn"
            disabled={busy}
            onClick={() => act(() => actions.stop(writeToken(), run.runId))}
          >
            Stop after this step
          </button>
        )}
        {mayUndo && changedKey && (
          <button
            type="button"
            className="btn btn-plain"
            disabled={busy}
            onClick={() => act(() => actions.proposeKeyBefore(writeToken(), run.runId), "/health/key/plan")}
          >
            Put the key before it back…
          </button>
        )}
        {mayUndo && !changedKey && (
          <UndoButton
            busy={busy}
            problem={problem}
            onUndo={(password) => act(() => actions.undo(writeToken(), run.runId, password))}
          />
        )}
        {problem && <ProblemNote problem={problem} />}
      </Where>
      <div>
        <div className="steps-h">
          <h2>{run.purpose === "undo" ? "What is taken back" : "The plan you agreed to"}</h2>
          <span suppressHydrationWarning>
            {timeOf(run.startedAt)}, plan {run.planHash.slice(0, 4)}
          </span>
        </div>
        {gates.length > 0 && (
          <>
            <ol className="steps">{gates.map(row)}</ol>
            <NothingAbove />
          </>
        )}
        <ol className="steps">{rest.map(row)}</ol>
        <Log lines={run.log.map(({ at, entryId, line }) => ({ at, source: entryId, line }))} now={now} />
      </div>
    </main>
  );
}
