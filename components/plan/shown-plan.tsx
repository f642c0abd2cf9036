import type { ReactNode } from "react";
import type { DescribedPlan } from "../../lib/runtime.ts";
import { Blockers, PlanList } from "./plan.tsx";

/** What would be done, whole: what stands in the way, every change, and what must be known beside it. */
export function ShownPlan({ plan, label, children }: { plan: DescribedPlan; label: string; children?: ReactNode }) {
  return (
    <section className="grid gap-4" aria-label={label}>
      <Blockers plan={plan} />
      <PlanList plan={plan} />
      {plan.notes.map((note) => (
        <p className="small quiet" key={note}>
          {note}
        </p>
      ))}
      {children}
    </section>
  );
}
