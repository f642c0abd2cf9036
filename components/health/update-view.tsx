"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import type { UpdateRehearsal } from "../../lib/install/update/rehearse-update.ts";
import type { ProblemFacts } from "../../lib/problem.ts";
import type { DescribedPlan } from "../../lib/runtime.ts";
import { Field } from "../form/field.tsx";
import { ShownPlan } from "../plan/shown-plan.tsx";
import type { Answer } from "../ui/answer.ts";
import { answered } from "../ui/answered.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { writeToken } from "../ui/write-token.ts";

export interface UpdateActions {
  look: (token: string, wanted?: string) => Promise<Answer<UpdateRehearsal>>;
  describe: (token: string, to: string, anyway: boolean) => Promise<Answer<DescribedPlan>>;
  update: (token: string, to: string, anyway: boolean, consentHash: string) => Promise<Answer<{ runId: string }>>;
}

/** What differs, the worst first: a word for its weight and a sentence for what it is. */
function Differences({ found }: { found: UpdateRehearsal }) {
  const lines = [
    ...found.statements.refused.map(({ where, missing, says }) => ["breaks", `${where} asks for ${missing}: ${says}`]),
    ...found.modules.map(({ where, module, error }) => ["breaks", `${where} imports ${module}: ${error}`]),
    ...found.collisions.map((file) => ["breaks", `${file} was changed here, and is changed there too.`]),
    ...found.drift.map(({ kind, says }) => [kind, says]),
  ] as const;
  return (
    <section className="grid gap-3" aria-label="What it would mean">
      <p className="lead">{found.says}</p>
      {lines.length > 0 && (
        <ul className="grid gap-1">
          {lines.map(([kind, says]) => (
            <li className="small" key={`${kind} ${says}`}>
              <span className={kind === "breaks" ? "w-fail" : "quiet"}>{kind}</span> {says}
            </li>
          ))}
        </ul>
      )}
      {found.subjects.length > 0 && (
        <details>
          <summary className="small">
            {found.subjects.length === 1 ? "1 commit lies" : `${found.subjects.length} commits lie`} between
          </summary>
          <ul className="small quiet">
            {found.subjects.map((subject) => (
              <li key={subject}>{subject}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** Another version of REC.IO: looked at without touching anything, shown whole, and done by one button. */
export function UpdateView({ actions }: { actions: UpdateActions }) {
  const router = useRouter();
  const [wanted, setWanted] = useState("");
  const [found, setFound] = useState<UpdateRehearsal>();
  const [anyway, setAnyway] = useState(false);
  const [plan, setPlan] = useState<DescribedPlan>();
  const [problem, setProblem] = useState<ProblemFacts>();
  const [busy, startTransition] = useTransition();
  const ask = <Value,>(work: () => Promise<Answer<Value>>, take: (value: Value) => void) =>
    startTransition(async () => {
      setProblem(undefined);
      const came = await answered(work());
      if (came.ok) take(came.value);
      else setProblem(came.problem);
    });
  const breaks = found?.verdict === "would break";
  return (
    <main id="main" className="wrap update">
      <section className="verdict">
        <div>
          <h1>Another version of REC.IO?</h1>
          <p className="lead">
            It is looked at first: its programs, its ports, its packages, and every statement that it would send to your
            database. Nothing is changed by looking.
          </p>
        </div>
      </section>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setFound(undefined);
          setPlan(undefined);
          setAnyway(false);
          ask(() => actions.look(writeToken(), wanted.trim() === "" ? undefined : wanted.trim()), setFound);
        }}
      >
        <Field
          name="commit"
          label="Commit, branch or tag"
          value={wanted}
          onValue={setWanted}
          issues={[]}
          autoComplete="off"
          hint="Empty for the newest one that a pull would bring."
        />
        <div className="actions">
          <button type="submit" className="btn" disabled={busy}>
            Look at it
          </button>
          {busy && (
            <span className="small quiet" role="status">
              Reading and preparing, up to a minute…
            </span>
          )}
        </div>
      </form>
      {problem && <ProblemNote problem={problem} />}
      {found && <Differences found={found} />}
      {found && found.verdict !== "same" && !plan && (
        <div className="grid gap-3">
          {breaks && (
            <label className="small">
              <input type="checkbox" checked={anyway} onChange={(event) => setAnyway(event.target.checked)} /> I have
              read what would break, and go on.
            </label>
          )}
          <div className="actions">
            <button
              type="button"
              className="btn"
              disabled={busy || (breaks && !anyway)}
              onClick={() => ask(() => actions.describe(writeToken(), found.to, anyway), setPlan)}
            >
              Show what it would do
            </button>
          </div>
        </div>
      )}
      {found && plan && (
        <ShownPlan plan={plan} label="What it would do">
          <p className="small quiet">
            The way back: “Undo what this run did” on the page of the run brings the commit before back and starts it.
          </p>
          <div className="actions">
            <button
              type="button"
              className="btn btn-do"
              disabled={busy || plan.blockers.length > 0}
              onClick={() =>
                ask(
                  () => actions.update(writeToken(), found.to, anyway, plan.hash),
                  ({ runId }) => router.push(`/runs/${runId}`),
                )
              }
            >
              Do exactly this
            </button>
            <Link className="btn btn-plain" href="/health" prefetch={false}>
              Leave it as it is
            </Link>
          </div>
        </ShownPlan>
      )}
    </main>
  );
}
