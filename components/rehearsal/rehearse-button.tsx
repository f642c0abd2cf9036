"use client";
import { useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import { answered } from "../ui/answered.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { writeToken } from "../ui/write-token.ts";
import type { OpenRehearsal } from "./contract.ts";

/** Starts the rehearsal's own server and goes there with a code that lets this browser in. */
export function RehearseButton({ open }: { open: OpenRehearsal }) {
  const [problem, setProblem] = useState<ProblemFacts>();
  const [busy, startTransition] = useTransition();
  const go = () =>
    startTransition(async () => {
      const came = await answered(open(writeToken()));
      if (came.ok) window.location.assign(came.value.link);
      else setProblem(came.problem);
    });
  return (
    <div className="grid gap-4">
      <div className="actions">
        <button type="button" className="btn btn-do" disabled={busy} onClick={go}>
          {busy ? "Making a whole world…" : "Rehearse first"}
        </button>
        <span className="small quiet">
          A whole world on this machine, in a minute: no key, no account, no REC.IO needed. It leaves no trace.
        </span>
      </div>
      {problem && <ProblemNote problem={problem} />}
    </div>
  );
}
