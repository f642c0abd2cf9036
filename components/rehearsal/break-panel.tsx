"use client";
import { useQuery } from "@tanstack/react-query";
import { useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import type { BreakState } from "../../lib/rehearsal/breaks/panel.ts";
import { type RepairActions, RepairButton } from "../plan/repair-button.tsx";
import { answered } from "../ui/answered.ts";
import { Breakable } from "../ui/breakable.tsx";
import { useNow } from "../ui/clock.ts";
import { Mark } from "../ui/mark.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { writeToken } from "../ui/write-token.ts";
import type { BreakActions } from "./contract.ts";

const secondsOf = (ms: number) => (Math.max(0, ms) / 1000).toFixed(1);

async function askBreaks(signal: AbortSignal): Promise<BreakState[]> {
  const response = await fetch("/api/rehearsal", { signal });
  if (!response.ok) throw new Error(`/api/rehearsal answered ${response.status}`);
  return ((await response.json()) as { breaks: BreakState[] }).breaks;
}

const isOn = (state: BreakState) => state.thrownAt !== undefined && state.mendedAt === undefined;

/** What REC.IO says beside what we say. */
function Versus({ state }: { state: BreakState }) {
  return (
    <div className="versus">
      <div>
        <h4>The program says</h4>
        {state.claims.map((claim) => (
          <p key={claim.who}>
            <Mark state={claim.good ? "ok" : "fail"} />
            <span>
              <Breakable text={claim.who} /> <code>{claim.says}</code>
            </span>
          </p>
        ))}
      </div>
      <div>
        <h4>We say</h4>
        <p aria-live="polite">
          <Mark state={state.found?.level ?? "waiting"} />
          <span>
            <Breakable text={state.found?.says ?? "Still looking."} />
          </span>
        </p>
      </div>
    </div>
  );
}

function Watch({ state, now }: { state: BreakState; now: number }) {
  const ms = state.found?.afterMs ?? (now === 0 || state.thrownAt === undefined ? 0 : now - state.thrownAt);
  const allowed = state.withinMs / 1000;
  return (
    <div className="watch">
      <b>
        {secondsOf(ms)}
        <small>s</small>
      </b>
      <span>
        {state.found ? "until we knew" : "and we do not know yet"}; {allowed} s allowed
      </span>
    </div>
  );
}

function Lie({
  state,
  now,
  busy,
  act,
  repairs,
}: {
  state: BreakState;
  now: number;
  busy: boolean;
  act: (action: "throw" | "mend") => void;
  repairs: RepairActions;
}) {
  const on = isOn(state);
  return (
    <div className="lie">
      <label>
        {state.title}
        <input
          type="checkbox"
          role="switch"
          aria-checked={on}
          className="switch"
          checked={on}
          disabled={busy}
          onChange={() => act(on ? "mend" : "throw")}
        />
      </label>
      {on && (
        <div className="act">
          <Versus state={state} />
          <Watch state={state} now={now} />
          {state.problem && <ProblemNote problem={state.problem} />}
          {state.remedy && <RepairButton stepId={state.remedy.stepId} title={state.remedy.says} actions={repairs} />}
        </div>
      )}
      {!on && state.mendedAt !== undefined && (
        <p className="act small quiet">
          {state.found
            ? `Known after ${secondsOf(state.found.afterMs)} s.`
            : "Switched back before we had asked about it."}{" "}
          {state.greenAfterMs === undefined
            ? "Being put right; all is good again when fresh answers say so."
            : `All good again after ${secondsOf(state.greenAfterMs)} s.`}
        </p>
      )}
    </div>
  );
}

/** "Break it yourself": a switch for each way in which REC.IO looks well and is not. */
export function BreakPanel({ actions, onClose }: { actions: BreakActions; onClose: () => void }) {
  const now = useNow();
  const [problem, setProblem] = useState<ProblemFacts>();
  const [busy, startTransition] = useTransition();
  const { data, refetch } = useQuery({
    queryKey: ["breaks"],
    queryFn: ({ signal }) => askBreaks(signal),
    refetchInterval: 1000,
  });
  const act = (name: string) => (action: "throw" | "mend") =>
    startTransition(async () => {
      const came = await answered(actions.breakIt(writeToken(), name, action));
      setProblem(came.ok ? undefined : came.problem);
      await refetch();
    });
  const repairs = (name: string): RepairActions => ({
    describeRepair: actions.describeRepair,
    async repair(token, _stepId, consentHash) {
      const came = await actions.breakIt(token, name, "repair", consentHash);
      void refetch();
      return came.ok ? { ok: true, value: {} } : came;
    },
  });
  return (
    <aside className="drawer" aria-label="Break it yourself">
      <header>
        <h2>Break it yourself</h2>
        <button type="button" className="btn btn-plain" onClick={onClose}>
          Close
        </button>
      </header>
      <p className="small quiet">
        Each switch makes the system lie in a way that was seen in REC.IO. Watch how long we take.
      </p>
      {problem && <ProblemNote problem={problem} />}
      {data?.map((state) => (
        <Lie key={state.name} state={state} now={now} busy={busy} act={act(state.name)} repairs={repairs(state.name)} />
      ))}
    </aside>
  );
}
