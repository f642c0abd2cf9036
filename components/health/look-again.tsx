"use client";
import { useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import { answered } from "../ui/answered.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { writeToken } from "../ui/write-token.ts";
import type { HealthActions } from "./contract.ts";

/** Asks every question now. The answers come with the next looks, each with its own age. */
export function LookAgain({ lookAgain }: Pick<HealthActions, "lookAgain">) {
  const [asking, startAsking] = useTransition();
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<ProblemFacts>();
  const ask = () =>
    startAsking(async () => {
      const came = await answered(lookAgain(writeToken()));
      setAsked(came.ok);
      setProblem(came.ok ? undefined : came.problem);
    });
  return (
    <>
      <div className="actions pt-4">
        <button type="button" className="btn" disabled={asking} onClick={ask}>
          Look again
        </button>
        <span className="small quiet" role="status">
          {asked ? "Asked. The ages begin anew as the answers come." : "Asks every question now."}
        </span>
      </div>
      {problem && <ProblemNote problem={problem} />}
    </>
  );
}
