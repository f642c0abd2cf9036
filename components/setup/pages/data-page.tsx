"use client";
import { useEffect, useMemo, useState } from "react";
import type { Answers, DraftAnswers } from "../../../lib/install/answers.ts";
import { Choice } from "../../form/choice.tsx";
import { Field } from "../../form/field.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { ContinueButton } from "../continue-button.tsx";
import type { HeldSecrets, SetupActions } from "../contract.ts";
import { Ladder } from "../ladder.tsx";
import type { TrailEntry } from "../trail.ts";
import { useInquiry } from "../use-inquiry.ts";
import { useKeptFields, useSaving, withoutBlanks } from "../use-page.ts";
import { Wizard } from "../wizard.tsx";
import { type SourceAnswer, SourceFields, sourceFieldsOf } from "./source-fields.tsx";

const waits: Record<string, string> = {
  archive: "About 1.2 GB of disk, and most of the run’s time.",
  source: "Continue waits for a source that lets us read.",
  backup: "The file is looked at before the plan; nothing of it is run in your database.",
  none: "Without them REC.IO shows no probability, and the report keeps saying so.",
};

export function DataPage({
  draft,
  then,
  trail,
  offered,
  held,
  actions,
}: {
  draft: DraftAnswers;
  /** Where it goes on, where the page was opened to give one thing again. */
  then?: string | undefined;
  trail: readonly TrailEntry[];
  /** A source that this world knows of; the rehearsal has one of its own. */
  offered?: Partial<SourceAnswer> | undefined;
  held: HeldSecrets;
  actions: SetupActions;
}) {
  const given = draft.data?.kind === "source" ? draft.data : undefined;
  const [fields, set] = useKeptFields("data", {
    kind: (draft.data?.kind ?? "archive") as string,
    file: draft.data?.kind === "backup" ? draft.data.file : "",
    ...sourceFieldsOf(given ?? offered),
  });
  const [password, setPassword] = useState("");
  const { saving, problem, issues, goOn } = useSaving(actions.save, "data", then ?? "/setup/review");
  const { inquiry, problem: notAsked, refused, ask, forget } = useInquiry(actions);
  const data = useMemo(() => {
    const { kind, withoutLog, file, ...source } = fields;
    if (kind === "backup") return { kind, file };
    return kind === "source" ? { kind, ...withoutBlanks(source), withoutLog: withoutLog === "yes" } : { kind };
  }, [fields]);
  const asked = JSON.stringify(data);
  const known = held.sourcePassword === true;
  const complete = fields.kind === "source" && fields.host !== "" && (password !== "" || known);
  const input = () => ({
    kind: "source" as const,
    source: JSON.parse(asked) as SourceAnswer & Answers["data"],
    ...(password ? { password } : {}),
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the answer as text stands for the fields it was made of.
  useEffect(() => {
    forget();
    if (!complete) return;
    const timer = setTimeout(() => void ask(input()), 600);
    return () => clearTimeout(timer);
  }, [asked, complete, password, ask, forget]);

  const fromSource = fields.kind === "source";
  const fromBackup = fields.kind === "backup";
  const logged = inquiry?.facts?.logged !== false;
  const accepted = inquiry?.done === true && inquiry.accepted === true;
  const ready = fromBackup ? fields.file !== "" : !fromSource || (accepted && (logged || fields.withoutLog === "yes"));
  return (
    <Wizard
      here="data"
      trail={trail}
      why={[
        "REC.IO reads its probabilities from one table of 8.84 million rows. Where it is empty, every strike shows 50.00, and nothing complains.",
        "So its rows are compared at a thousand points before we call it built.",
      ]}
      waitsFor={fromSource && ready ? "The source was looked at; nothing is copied yet." : (waits[fields.kind] ?? "")}
      action={<ContinueButton ready={ready} saving={saving} />}
      {...(fromSource
        ? {
            aside: (
              <Ladder
                title="What the source says"
                inquiry={inquiry}
                beforeIt={
                  notAsked?.says ??
                  "Name the source and its password, and we look at it at once. Nothing is copied before you agree."
                }
                wayOut={() => (
                  <button type="button" className="btn" onClick={() => void ask(input())}>
                    Try again
                  </button>
                )}
              />
            ),
          }
        : {})}
    >
      <form
        className="ask"
        id="ask"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          goOn({ answers: { data }, ...(fromSource && password ? { secrets: { sourcePassword: password } } : {}) });
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
              value: "source",
              title: "Copy them from the source",
              data: "three schemas",
              says: "From a REC.IO database that somebody runs, as a role that can only read. Each table is compared before it is put in place.",
            },
            {
              value: "backup",
              title: "Take them out of a backup of mine",
              data: ".dump, .sql, .tar.gz",
              says: "What pg_dump made of a REC.IO database. It is read in a database that is thrown away; only rows of these three schemas go on, compared.",
            },
            {
              value: "none",
              title: "None for now",
              says: "REC.IO starts, but shows no probability and enters no trade by itself. They can be built later from the health page.",
            },
          ]}
        />
        {fromBackup && (
          <Field
            name="data.file"
            label="The file, on this machine"
            value={fields.file}
            onValue={(file) => set({ file })}
            issues={issues}
            placeholder="/home/you/rec_io.dump"
            hint="Tables that hold rows here keep them."
          />
        )}
        {fromSource ? (
          <SourceFields
            fields={fields}
            set={set}
            issues={issues.length > 0 ? issues : refused}
            password={password}
            onPassword={setPassword}
            held={known}
            logged={logged}
          />
        ) : (
          <p className="small quiet">
            The price history is left absent: no supervised program reads it. Only the tools for research do.
          </p>
        )}
        {fromSource && (
          <p className="small quiet">
            The source’s log gets one line about this copy: your user id, name and e-mail, and the address from which it
            came.
          </p>
        )}
        {problem && <ProblemNote problem={problem} />}
      </form>
    </Wizard>
  );
}
