"use client";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import type { DescribedPlan } from "../../lib/runtime.ts";
import type { Answer } from "../ui/answer.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { writeToken } from "../ui/write-token.ts";
import { Blockers, PlanList } from "./plan.tsx";

export type Repair = (token: string, stepId: string, consentHash: string) => Promise<Answer<{ runId: string }>>;

type Described = { ok: true; plan: DescribedPlan } | { ok: false; problem: ProblemFacts };

async function describe(stepId: string): Promise<Described> {
  try {
    const response = await fetch(`/api/repairs/${encodeURIComponent(stepId)}`);
    const body = (await response.json()) as { plan?: DescribedPlan; problem?: ProblemFacts };
    if (body.plan) return { ok: true, plan: body.plan };
    if (body.problem) return { ok: false, problem: body.problem };
  } catch {
    // Told below: no answer came that could be read.
  }
  return {
    ok: false,
    problem: { code: "page.no-answer", says: "The server did not say what the repair would change." },
  };
}

/**
 * The button of a remedy. Pressed, it first shows what would be changed; only the second button changes it. Where the
 * repair is for a run that failed, `then` is that run: the way back to it stands on the repair's page.
 */
export function RepairButton({
  stepId,
  title,
  repair,
  then,
}: {
  stepId: string;
  title: string;
  repair: Repair;
  then?: string | undefined;
}) {
  const router = useRouter();
  const [shown, setShown] = useState<Described>();
  const [problem, setProblem] = useState<ProblemFacts>();
  const [busy, startTransition] = useTransition();

  const show = () => startTransition(async () => setShown(await describe(stepId)));
  const doIt = (hash: string) =>
    startTransition(async () => {
      const came = await repair(writeToken(), stepId, hash);
      if (!came.ok) return setProblem(came.problem);
      router.push(`/runs/${came.value.runId}${then ? `?then=${encodeURIComponent(then)}` : ""}`);
    });

  if (!shown)
    return (
      <div className="actions">
        <button type="button" className="btn btn-do" disabled={busy} onClick={show}>
          {title.replace(/[.…]$/, "")}…
        </button>
        <span className="small quiet">Shows what it changes first.</span>
      </div>
    );
  if (!shown.ok) return <ProblemNote problem={shown.problem} />;
  const { plan } = shown;
  return (
    <section className="grid gap-4" aria-label="What it would change">
      <Blockers plan={plan} />
      <PlanList plan={plan} />
      {plan.notes.map((note) => (
        <p className="small quiet" key={note}>
          {note}
        </p>
      ))}
      <div className="actions">
        <button
          type="button"
          className="btn btn-do"
          disabled={busy || plan.blockers.length > 0}
          onClick={() => doIt(plan.hash)}
        >
          Do exactly this
        </button>
        <button type="button" className="btn btn-plain" onClick={() => setShown(undefined)}>
          Leave it
        </button>
      </div>
      {problem && <ProblemNote problem={problem} />}
    </section>
  );
}
