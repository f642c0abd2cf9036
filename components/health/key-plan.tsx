"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import type { DescribedPlan } from "../../lib/runtime.ts";
import { ShownPlan } from "../plan/shown-plan.tsx";
import type { Answer } from "../ui/answer.ts";
import { answered } from "../ui/answered.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { writeToken } from "../ui/write-token.ts";

/** What another key changes: shown whole, and done by one button. */
export function KeyPlan({
  plan,
  problem: notPlanned,
  change,
}: {
  plan?: DescribedPlan;
  problem?: ProblemFacts;
  change: (token: string, consentHash: string) => Promise<Answer<{ runId: string }>>;
}) {
  const router = useRouter();
  const [problem, setProblem] = useState<ProblemFacts>();
  const [busy, startTransition] = useTransition();
  const doIt = (hash: string) =>
    startTransition(async () => {
      const came = await answered(change(writeToken(), hash));
      if (!came.ok) return setProblem(came.problem);
      router.push(`/runs/${came.value.runId}`);
    });
  return (
    <main id="main" className="wrap report">
      <section className="verdict">
        <div>
          <h1>Is this what the key should change?</h1>
          <p className="lead">The installed key stays until Kalshi has accepted this one as it stands on disk.</p>
        </div>
      </section>
      {notPlanned && <ProblemNote problem={notPlanned} />}
      {plan && <ShownPlan plan={plan} label="What it would change" />}
      <div className="actions pt-4">
        {plan && (
          <button
            type="button"
            className="btn btn-do"
            disabled={busy || plan.blockers.length > 0}
            onClick={() => doIt(plan.hash)}
          >
            Do exactly this
          </button>
        )}
        <Link className="btn btn-plain" href="/health/key" prefetch={false}>
          Give another key
        </Link>
      </div>
      {problem && <ProblemNote problem={problem} />}
    </main>
  );
}
