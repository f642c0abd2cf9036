import type { ReactNode } from "react";
import type { Evidence, Label, Remedy } from "../../lib/problem.ts";
import { Breakable } from "./breakable.tsx";
import { Mark, type MarkState, StateWord } from "./mark.tsx";
import { ProofList } from "./proof.tsx";

export interface FindingRowProps {
  state: MarkState;
  says: string;
  /** Whose fault it is; drawn where it is not this machine, which the whole page is about. */
  label?: Label | undefined;
  /** "41 s", or "14 min, due every 5 min". */
  age: string;
  evidence?: Evidence | undefined;
  remedy?: Remedy | undefined;
  objects?: readonly string[] | undefined;
  open?: boolean;
  /** True for how it was before a step changed it: grey, and without a word. */
  before?: boolean;
  /** The button of a remedy, where there is one. */
  children?: ReactNode;
}

function Line({ state, says, label, age, before }: FindingRowProps) {
  const quiet = before || state === "ok" || state === "already";
  return (
    <>
      <Mark state={state} word={before ? "before" : undefined} />
      <p className="says">
        <Breakable text={says} />
        {!quiet && label && label !== "machine" && <span className="label">{label}</span>}
      </p>
      <span className="age">
        {!quiet && <StateWord state={state} />}
        {age}
      </span>
    </>
  );
}

/** One finding: mark, sentence, label, word, age. Opens to Asked, Came back, Means, Remedy and at most one button. */
export function FindingRow(props: FindingRowProps) {
  const { evidence, remedy, objects, open = false, children } = props;
  const state = props.before ? "before" : props.state;
  const opens = evidence !== undefined || remedy !== undefined || (objects?.length ?? 0) > 0 || children !== undefined;
  if (!opens)
    return (
      <div className={`f ${state}`}>
        <div className="f-row">
          <Line {...props} />
        </div>
      </div>
    );
  return (
    <details className={`f ${state}`} open={open}>
      <summary>
        <Line {...props} />
      </summary>
      <div className="more">
        <ProofList evidence={evidence} remedy={remedy} objects={objects} />
        {children}
      </div>
    </details>
  );
}
