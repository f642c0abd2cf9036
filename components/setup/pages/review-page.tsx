"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import type { DraftAnswers } from "../../../lib/install/answers.ts";
import type { ProblemFacts } from "../../../lib/problem.ts";
import type { DescribedPlan } from "../../../lib/runtime.ts";
import { Agree } from "../../form/choice.tsx";
import { Blockers, PlanList } from "../../plan/plan.tsx";
import { answered } from "../../ui/answered.ts";
import { plural } from "../../ui/format.ts";
import { Mark } from "../../ui/mark.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { writeToken } from "../../ui/write-token.ts";
import { ContinueButton } from "../continue-button.tsx";
import type { GoOnWithInstallation, SetupActions, StartInstallation } from "../contract.ts";
import { NeededList } from "../needed-list.tsx";
import type { StillNeeded } from "../still-needed.ts";
import type { TrailEntry } from "../trail.ts";
import { Wizard } from "../wizard.tsx";

const why = [
  "You agree to exactly this. Should the machine change before we begin, the run stops and asks you again.",
  "What a step did is written down as a receipt. Undo takes back what the receipts name, and nothing else.",
];

export function ReviewPage({
  draft,
  trail,
  plan,
  problem: notPlanned,
  needed,
  halfWay,
  actions,
  start,
  resume,
}: {
  draft: DraftAnswers;
  trail: readonly TrailEntry[];
  plan?: DescribedPlan | undefined;
  problem?: ProblemFacts | undefined;
  /** What is missing: pages that were not answered, secrets that are no longer held. */
  needed: readonly StillNeeded[];
  /** The run with these answers that stopped half-way: it goes on, and no other begins. */
  halfWay?: string | undefined;
  actions: Pick<SetupActions, "save">;
  start: StartInstallation;
  resume: GoOnWithInstallation;
}) {
  const router = useRouter();
  const [busy, startTransition] = useTransition();
  const [problem, setProblem] = useState<ProblemFacts>();
  const consent = { systemPackages: false, goOnWithout: [], ...draft.consent };
  const packages = draft.python?.packages ?? "system";

  const save = (answers: { consent?: unknown; python?: unknown }) =>
    startTransition(async () => {
      const came = await answered(actions.save(writeToken(), { answers }));
      setProblem(came.ok ? undefined : came.problem);
      router.refresh();
    });
  const begin = () =>
    startTransition(async () => {
      if (!halfWay && !plan) return;
      const came = await answered(halfWay ? resume(writeToken(), halfWay) : start(writeToken(), plan?.hash ?? ""));
      if (came.ok) router.push(`/runs/${came.value.runId}`);
      else setProblem(came.problem);
    });

  const changes = plan?.entries.reduce((sum, entry) => sum + entry.changes.length, 0) ?? 0;
  const ready = plan !== undefined && needed.every((page) => page.perhaps) && plan.blockers.length === 0;
  const button = halfWay ? "Go on with the installation" : "Install this";
  const waiting = halfWay ? "Going on" : "Install";
  return (
    <Wizard
      here="review"
      trail={trail}
      why={why}
      waitsFor={
        ready
          ? halfWay
            ? "The run goes on where it stopped. What is done stays done."
            : `${plural(changes, "change")}, each of them above. New orders stay locked until you release them.`
          : needed.length > 0
            ? `${waiting} waits for ${needed.map((page) => page.title).join(" and ")}.`
            : plan
              ? `${waiting} waits for ${plural(plan.blockers.length, "thing")} that would stop it.`
              : `${waiting} waits for a plan.`
      }
      action={<ContinueButton ready={ready} saving={busy} title={button} />}
    >
      <form
        className="ask"
        id="ask"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <div>
          <h1>Is this what should be done?</h1>
          <p className="lead">
            {halfWay
              ? "The installation with these answers stopped half-way. Below is what is left to do."
              : "Every change, before the first of them. Open a row to see its files, its SQL and its modes."}
          </p>
          {halfWay && (
            <p className="pt-2">
              <Link href={`/runs/${halfWay}`} prefetch={false}>
                The run that stopped
              </Link>
            </p>
          )}
        </div>
        <NeededList needed={needed} />
        {plan && <Blockers plan={plan} />}
        <fieldset>
          <legend className="legend pb-2">What you allow</legend>
          <div className="choice">
            <Agree
              name="systemPackages"
              checked={consent.systemPackages}
              onChecked={(systemPackages) => save({ consent: { ...consent, systemPackages } })}
              title="Install missing packages of the operating system"
              says="With its own package manager; where you are not root, unpacked for this installation alone. Not allowed: the plan says which command you would run instead."
            />
            <Agree
              name="pip"
              checked={packages === "pip"}
              onChecked={(pip) => save({ python: { packages: pip ? "pip" : "system" } })}
              title="Take the Python packages from PyPI"
              says="In a virtual environment of our own. Otherwise the operating system’s packages are used."
            />
            <Agree
              name="translateKalshi"
              checked={consent.translateKalshi ?? false}
              onChecked={(translateKalshi) => save({ consent: { ...consent, translateKalshi } })}
              title="Translate today’s Kalshi for REC.IO, for reading only"
              says="Kalshi renamed its prices in 2026; without this, strike tables and account show zeros. Orders are not touched: trading stays impossible."
            />
            <Agree
              name="startAtBoot"
              checked={consent.startAtBoot === true}
              onChecked={(startAtBoot) => save({ consent: { ...consent, startAtBoot } })}
              title="Start REC.IO when this machine starts"
              says="With a unit of systemd or an agent of launchd, shown below. Otherwise npm start brings it back."
            />
          </div>
        </fieldset>
        {plan && plan.notes.length > 0 && (
          <section aria-label="What you should know">
            <h2 className="pb-1">What you should know</h2>
            <ul className="notes">
              {plan.notes.map((note) => (
                <li key={note}>
                  <Mark state="warn" word="note" />
                  <p>{note}</p>
                </li>
              ))}
            </ul>
          </section>
        )}
        {(problem ?? notPlanned) && <ProblemNote problem={(problem ?? notPlanned) as ProblemFacts} />}
        {plan && (
          <section aria-label="The plan" aria-busy={busy}>
            <div className="steps-h">
              <h2>The plan</h2>
              <span>
                {plural(changes, "change")}, plan {plan.hash.slice(0, 4)}
              </span>
            </div>
            <PlanList plan={plan} />
          </section>
        )}
      </form>
    </Wizard>
  );
}
