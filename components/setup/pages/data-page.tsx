"use client";
import type { DraftAnswers } from "../../../lib/install/answers.ts";
import { Choice } from "../../form/choice.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { ContinueButton } from "../continue-button.tsx";
import type { SetupActions } from "../contract.ts";
import type { TrailEntry } from "../trail.ts";
import { useKeptFields, useSaving } from "../use-page.ts";
import { Wizard } from "../wizard.tsx";

export function DataPage({
  draft,
  trail,
  actions,
}: {
  draft: DraftAnswers;
  trail: readonly TrailEntry[];
  actions: Pick<SetupActions, "save">;
}) {
  const [fields, set] = useKeptFields("data", { kind: (draft.data?.kind ?? "archive") as string });
  const { saving, problem, goOn } = useSaving(actions.save, "data", "/setup/review");
  return (
    <Wizard
      here="data"
      trail={trail}
      why={[
        "REC.IO reads its probabilities from one table of 8.84 million rows. Where it is empty, every strike shows 50.00, and nothing complains.",
        "So its rows are compared at a thousand points before we call it built.",
      ]}
      waitsFor={
        fields.kind === "archive"
          ? "About 1.2 GB of disk, and most of the run’s time."
          : "Without them REC.IO shows no probability, and the report keeps saying so."
      }
      action={<ContinueButton ready saving={saving} />}
    >
      <form
        className="ask"
        id="ask"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          goOn({ answers: { data: { kind: fields.kind } } });
        }}
      >
        <div>
          <h1>Where do the probabilities come from?</h1>
          <p className="lead">
            The strike table looks each of them up. They can be computed from what the checkout carries.
          </p>
        </div>
        <Choice
          legend="System data"
          name="kind"
          value={fields.kind}
          onValue={(kind) => set({ kind })}
          options={[
            {
              value: "archive",
              title: "Build them from the checkout’s archive",
              data: "8 840 000 rows",
              says: "Computed on this machine from the fingerprints in the checkout; equal to the checkout’s own calculator.",
            },
            {
              value: "none",
              title: "None for now",
              says: "REC.IO starts, but shows no probability and enters no trade by itself. They can be built later from the health page.",
            },
          ]}
        />
        <p className="small quiet">
          The price history is left absent: no supervised program reads it. Only the tools for research do.
        </p>
        {problem && <ProblemNote problem={problem} />}
      </form>
    </Wizard>
  );
}
