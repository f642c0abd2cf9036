import type { ReactNode } from "react";
import type { EntryState } from "../../lib/engine/state.ts";
import { Changes } from "../plan/changes.tsx";
import { FindingRow } from "../ui/finding-row.tsx";
import { clockOf, countOf, plural, spanOf, tookOf } from "../ui/format.ts";
import { Mark, type MarkState, StateWord } from "../ui/mark.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { estimate, type Sample } from "./estimate.ts";
import { Progress } from "./progress.tsx";

const classes: Record<EntryState["status"], string> = {
  waiting: "wait",
  running: "run open",
  already: "already",
  done: "ok",
  failed: "fail open",
  blocked: "fail open",
  takenBack: "already",
  left: "warn",
};

const marks: Record<EntryState["status"], MarkState> = {
  waiting: "waiting",
  running: "running",
  already: "already",
  done: "ok",
  failed: "fail",
  blocked: "fail",
  takenBack: "already",
  left: "warn",
};

/** The word at the right, wherever the state is not ok. */
const words: Partial<Record<EntryState["status"], string>> = {
  running: "running",
  failed: "failed",
  blocked: "blocked",
  takenBack: "taken back",
  left: "left",
};

/**
 * What a step found before it ran is why it runs, and no fault: "missing" is said quietly, and in red only where the
 * step failed or was blocked. Gates have nothing but such findings, and what they find counts.
 */
function isOfBefore(entry: EntryState, { when, finding }: EntryState["findings"][number]): boolean {
  if (entry.kind !== "step" || when !== "before" || finding.level === "ok") return false;
  return entry.status !== "failed" && entry.status !== "blocked" && entry.status !== "already";
}

/** A step that ended well may still carry a warning: the row says which. */
function warning(entry: EntryState): string | undefined {
  if (entry.status !== "done") return undefined;
  return entry.findings.find((found) => found.finding.level === "warn" && !isOfBefore(entry, found))?.finding.says;
}

/** How far a step that counts its work has come. */
function counted({ progress }: EntryState): string | undefined {
  return progress && `${countOf(progress.done)} of ${countOf(progress.total)} ${progress.unit}`;
}

function evidence(entry: EntryState): string {
  switch (entry.status) {
    case "waiting":
      return entry.changes.length > 0 ? plural(entry.changes.length, "change") : (entry.why ?? "");
    case "running":
      return entry.progress?.note ?? counted(entry) ?? `${plural(entry.findings.length, "answer")} so far`;
    case "already":
      return entry.says ? `was already so: ${entry.says}` : "was already so";
    case "failed":
    case "blocked":
      return "";
    default:
      return entry.says ?? "";
  }
}

function Findings({ entry, now }: { entry: EntryState; now: number }) {
  return (
    <div>
      {entry.findings.map((found) => {
        const { probeId, finding, at } = found;
        if (isOfBefore(entry, found))
          return (
            <FindingRow
              key={probeId}
              state="waiting"
              says={`before: ${finding.says}`}
              age={spanOf(now - at)}
              evidence={finding.evidence}
              objects={finding.objects}
              before
            />
          );
        return (
          <FindingRow
            key={probeId}
            state={finding.level}
            says={finding.says}
            label={finding.label}
            age={spanOf(now - at)}
            evidence={finding.evidence}
            remedy={"remedy" in finding ? finding.remedy : undefined}
            objects={finding.objects}
          />
        );
      })}
    </div>
  );
}

/**
 * One row of the plan. Running and failed rows stand open; the others open to their findings and changes. Waiting rows
 * are grey and say what they will make.
 */
export function StepRow({
  entry,
  now,
  samples,
  remedy,
}: {
  entry: EntryState;
  /** The server's clock, milliseconds since the epoch. */
  now: number;
  samples: readonly Sample[];
  /** Buttons of the open failure. */
  remedy: ReactNode;
}) {
  const warn = warning(entry);
  const word = warn !== undefined ? "warn" : words[entry.status];
  const mark = warn !== undefined ? "warn" : marks[entry.status];
  const failed = entry.status === "failed" || entry.status === "blocked";
  const took =
    entry.status === "running" && entry.startedAt !== undefined
      ? clockOf(now - entry.startedAt)
      : entry.tookMs === undefined
        ? ""
        : tookOf(entry.tookMs);
  const line = (
    <>
      <Mark state={mark} />
      <p className="title">{entry.title}</p>
      <p className="ev">
        {word && <StateWord state={mark} word={word} />}
        {warn ?? evidence(entry)}
      </p>
      <time>{took}</time>
    </>
  );
  if (entry.status === "running" || failed)
    return (
      <li className={`step ${classes[entry.status]}`} aria-current={entry.status === "running" ? "step" : undefined}>
        {line}
        <div className="body">
          {failed && entry.problem ? (
            <ProblemNote problem={entry.problem}>{remedy}</ProblemNote>
          ) : (
            <>
              {entry.progress && <Progress progress={entry.progress} estimate={estimate(entry.progress, samples)} />}
              {entry.findings.length > 0 && <Findings entry={entry} now={now} />}
            </>
          )}
        </div>
      </li>
    );
  if (entry.findings.length === 0 && entry.changes.length === 0)
    return <li className={`step ${classes[entry.status]}`}>{line}</li>;
  return (
    <li>
      <details className="planned">
        <summary className={`step ${warn ? "warn" : classes[entry.status]}`}>{line}</summary>
        <div className="body">
          {entry.why && <p className="small quiet">{entry.why}</p>}
          {entry.findings.length > 0 && <Findings entry={entry} now={now} />}
          {entry.changes.length > 0 && <Changes changes={entry.changes} />}
        </div>
      </details>
    </li>
  );
}
