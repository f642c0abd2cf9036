import type { ProblemFacts } from "../../lib/problem.ts";
import { ProofList } from "./proof.tsx";

/** A failure that came back from an action or an inquiry: its sentence in the voice, its evidence, its remedy. */
export function ProblemNote({ problem, children }: { problem: ProblemFacts; children?: React.ReactNode }) {
  return (
    <div className="failed" role="alert">
      <p className="what">{problem.says}</p>
      <ProofList
        evidence={problem.evidence}
        remedy={children && problem.remedy?.kind === "step" ? undefined : problem.remedy}
      />
      {children && <div className="actions">{children}</div>}
    </div>
  );
}
