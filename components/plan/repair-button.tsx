"use client";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import type { DescribedPlan } from "../../lib/runtime.ts";
import { AdministratorPassword, wantsAdministrator } from "../form/administrator-password.tsx";
import { Field } from "../form/field.tsx";
import type { Answer } from "../ui/answer.ts";
import { answered } from "../ui/answered.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { writeToken } from "../ui/write-token.ts";
import { Blockers } from "./plan.tsx";
import { ShownPlan } from "./shown-plan.tsx";

/** What a remedy's button does; app/runs/actions.ts carries it out. The first argument is the write token. */
export interface RepairActions {
  /** What it would change, told to whoever knows the password of the database's administrator. */
  describeRepair(token: string, stepId: string, databaseAdminPassword: string): Promise<Answer<DescribedPlan>>;
  repair(
    token: string,
    stepId: string,
    consentHash: string,
    databaseAdminPassword?: string,
    sourcePassword?: string,
  ): Promise<Answer<{ runId?: string }>>;
}

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
 * repair is for a run that failed, `then` is that run: the way back to it stands on the repair's page. Where a server that
 * is not ours has to be asked, its administrator's password is wanted first; it stays in this tab until the repair begins. A repair that names no run is
 * followed where its button stands.
 */
export function RepairButton({
  stepId,
  title,
  actions,
  then,
}: {
  stepId: string;
  title: string;
  actions: RepairActions;
  then?: string | undefined;
}) {
  const router = useRouter();
  const [shown, setShown] = useState<Described>();
  const [problem, setProblem] = useState<ProblemFacts>();
  const [password, setPassword] = useState("");
  const [sourcePassword, setSourcePassword] = useState("");
  const fromSource = stepId === "clone-system-data";
  const [busy, startTransition] = useTransition();

  const show = () => startTransition(async () => setShown(await describe(stepId)));
  const showWithPassword = () =>
    startTransition(async () => {
      const came = await answered(actions.describeRepair(writeToken(), stepId, password));
      setProblem(came.ok ? undefined : came.problem);
      if (came.ok) setShown({ ok: true, plan: came.value });
    });
  const leave = () => {
    setShown(undefined);
    setProblem(undefined);
    setPassword("");
    setSourcePassword("");
  };
  const doIt = (hash: string) =>
    startTransition(async () => {
      const given = [password, sourcePassword].map((text) => (text === "" ? undefined : text));
      const came = await answered(actions.repair(writeToken(), stepId, hash, ...(given as [string?, string?])));
      if (!came.ok) return setProblem(came.problem);
      if (came.value.runId === undefined) return setShown(undefined);
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
  if (plan.blockers.some(({ code }) => wantsAdministrator(code)))
    return (
      <form
        className="grid gap-4"
        aria-label="What it would change"
        onSubmit={(event) => {
          event.preventDefault();
          showWithPassword();
        }}
      >
        <Blockers plan={plan} />
        <AdministratorPassword value={password} onValue={setPassword} />
        <div className="actions">
          <button type="submit" className="btn btn-do" disabled={busy || password === ""}>
            Show what it changes
          </button>
          <button type="button" className="btn btn-plain" onClick={leave}>
            Leave it
          </button>
        </div>
        {problem && <ProblemNote problem={problem} />}
      </form>
    );
  return (
    <ShownPlan plan={plan} label="What it would change">
      {fromSource && (
        <Field
          name="sourcePassword"
          label="Password of the reading role at the source"
          type="password"
          value={sourcePassword}
          onValue={setSourcePassword}
          issues={[]}
          autoComplete="off"
          hint="In memory only; forgotten after the copy."
        />
      )}
      <div className="actions">
        <button
          type="button"
          className="btn btn-do"
          disabled={busy || plan.blockers.length > 0 || (fromSource && sourcePassword === "")}
          onClick={() => doIt(plan.hash)}
        >
          Do exactly this
        </button>
        <button type="button" className="btn btn-plain" onClick={leave}>
          Leave it
        </button>
      </div>
      {problem && <ProblemNote problem={problem} />}
    </ShownPlan>
  );
}
