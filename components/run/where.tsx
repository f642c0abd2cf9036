import type { ReactNode } from "react";
import type { RunState } from "../../lib/engine/state.ts";
import { clockOf } from "../ui/format.ts";
import { estimate, type Sample, tally } from "./estimate.ts";
import type { Headline } from "./headline.ts";
import { rangeOf } from "./progress.tsx";

function segment(status: RunState["entries"][number]["status"]): string | undefined {
  switch (status) {
    case "running":
      return "r";
    case "failed":
    case "blocked":
      return "x";
    case "waiting":
      return undefined;
    default:
      return "d";
  }
}

/** Where we are: a sentence, the time, one segment an entry, the counts, and the ways to stop and to take back. */
export function Where({
  run,
  words,
  now,
  samples,
  connected,
  children,
}: {
  run: RunState;
  words: Headline;
  now: number;
  samples: Readonly<Record<string, readonly Sample[]>>;
  connected: boolean;
  children: ReactNode;
}) {
  const counts = tally(run);
  const current = run.entries.find((entry) => entry.status === "running");
  const left = current?.progress && estimate(current.progress, samples[current.id] ?? [])?.left;
  const spentMs = (run.finishedAt ?? now) - run.startedAt;
  return (
    <div className="where">
      <div>
        <h1>{words.title}</h1>
      </div>
      <div>
        <p className="big">{left ? rangeOf(left) : clockOf(spentMs)}</p>
        <p className="small quiet pt-1">
          {left
            ? `left in this step, likely; ${clockOf(spentMs)} so far`
            : words.says || "from the first question to the last proof"}
        </p>
        <div
          className="segs pt-4"
          role="img"
          aria-label={`${counts.done} of ${run.entries.length} done, ${counts.running} running, ${counts.failed} failed`}
        >
          {run.entries.map((entry) => (
            <i key={entry.id} className={segment(entry.status)} />
          ))}
        </div>
      </div>
      <dl>
        <dt>{run.finishedAt === undefined ? "Running for" : "Ran for"}</dt>
        <dd>{clockOf(spentMs)}</dd>
        <dt>Steps done</dt>
        <dd>
          {counts.done} of {run.entries.length}
        </dd>
        <dt>Running</dt>
        <dd>{counts.running}</dd>
        <dt>Failed</dt>
        <dd className={counts.failed > 0 ? "w-fail" : undefined}>{counts.failed}</dd>
        <dt>Changed so far</dt>
        <dd>{counts.receipts === 1 ? "1 receipt" : `${counts.receipts} receipts`}</dd>
      </dl>
      {run.finishedAt === undefined && (
        <p className="small quiet">
          <b className="text-ink">You can close this page.</b> The work is done on this machine, not in this tab.{" "}
          <code className="nb">npm run setup</code> brings you back here.
        </p>
      )}
      {!connected && (
        <p className="small w-unknown" role="status">
          The line to the server is lost; this page tries again by itself. What stands here is what was last known.
        </p>
      )}
      <div className="actions">{children}</div>
    </div>
  );
}
