import type { DescribedPlan, PlannedEntry } from "../../lib/runtime.ts";
import { plural } from "../ui/format.ts";
import { Mark } from "../ui/mark.tsx";
import { Changes } from "./changes.tsx";
import { ObjectTree } from "./object-tree.tsx";

function EntryRow({ entry, blocked, alone }: { entry: PlannedEntry; blocked: boolean; alone: boolean }) {
  const says =
    entry.notYetKnown ??
    (entry.kind !== "step"
      ? (entry.why ?? "")
      : entry.changes.length === 0
        ? "already so"
        : plural(entry.changes.length, "change"));
  const mark = blocked
    ? "fail"
    : entry.kind === "step" && entry.changes.length === 0 && !entry.notYetKnown
      ? "already"
      : "waiting";
  const line = (
    <>
      <Mark state={mark} word={mark === "waiting" ? "planned" : undefined} />
      <p className="title">{entry.title}</p>
      <p className="ev">{says}</p>
    </>
  );
  if (entry.changes.length === 0) return <li className="step">{line}</li>;
  return (
    <li>
      <details className="planned" open={alone}>
        <summary className="step">{line}</summary>
        <div className="body">
          {entry.why && <p className="small quiet">{entry.why}</p>}
          {entry.objects && <ObjectTree objects={entry.objects} />}
          <Changes changes={entry.changes} />
        </div>
      </details>
    </li>
  );
}

/** The line that stands once in every plan. */
export function NothingAbove() {
  return <p className="nothing">Nothing above this line changes the machine</p>;
}

/** A described plan: what is looked at, the line, what is changed and how, what is proven. */
export function PlanList({ plan }: { plan: Pick<DescribedPlan, "entries" | "blockers"> }) {
  const gates = plan.entries.filter((entry) => entry.kind === "gate");
  const rest = plan.entries.filter((entry) => entry.kind !== "gate");
  const row = (entry: PlannedEntry) => (
    <EntryRow
      key={entry.id}
      entry={entry}
      blocked={plan.blockers.some((blocker) => blocker.entryId === entry.id)}
      alone={plan.entries.length === 1}
    />
  );
  return (
    <>
      {gates.length > 0 && (
        <>
          <ol className="plan">{gates.map(row)}</ol>
          <NothingAbove />
        </>
      )}
      <ol className="plan">{rest.map(row)}</ol>
    </>
  );
}

/** What a plan cannot begin with, each with what to do about it. */
export function Blockers({ plan }: { plan: Pick<DescribedPlan, "blockers"> }) {
  if (plan.blockers.length === 0) return null;
  return (
    <ol className="reasons" aria-label="What the plan cannot begin with">
      {plan.blockers.map((blocker) => (
        <li key={`${blocker.entryId} ${blocker.says}`}>
          <Mark state="fail" />
          <p>
            <b>{blocker.says}</b>
            {blocker.remedy && <small>{blocker.remedy.says}</small>}
          </p>
          <span />
          <span />
        </li>
      ))}
    </ol>
  );
}
