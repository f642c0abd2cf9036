"use client";
import { useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import { Agree, Choice } from "../form/choice.tsx";
import { Field } from "../form/field.tsx";
import { answered } from "../ui/answered.ts";
import { dayOf } from "../ui/format.ts";
import { LockMark, Mark } from "../ui/mark.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { writeToken } from "../ui/write-token.ts";
import { ConfirmMove } from "./confirm-move.tsx";
import type { HealthActions, LockSeen } from "./contract.ts";

/** What the lock lets through, in a word and a sentence. */
export function lockWords(mode: LockSeen["mode"]): { word: string; says: string; held: boolean } {
  switch (mode) {
    case "none":
      return { word: "Held", says: "No order at all.", held: true };
    case "close-only":
      return { word: "Held", says: "No new orders; closing stays possible.", held: true };
    case "manual":
      return { word: "Released by hand", says: "Orders that you enter go out; automated entry is held.", held: false };
    case "all":
      return { word: "Released", says: "Orders go out, automated ones too.", held: false };
    case "absent":
      return { word: "Not there", says: "Nothing of ours holds orders on this machine.", held: false };
  }
}

function Fact({ name, says }: { name: string; says: string }) {
  return (
    <div className="f ok">
      <div className="f-row">
        <span />
        <p className="says">{name}</p>
        <span className="age">{says}</span>
      </div>
    </div>
  );
}

const onOff = (on: boolean | undefined) => (on === undefined ? "not known" : on ? "on" : "off");

/** The order lock: what it holds, who tried, and the way to release it: a typed word, and a second warning for prod. */
export function OrderLock({
  lock,
  actions,
  onChanged,
}: {
  lock: LockSeen;
  actions: HealthActions | undefined;
  onChanged: () => void;
}) {
  const [mode, setMode] = useState<"manual" | "all">("manual");
  const [typed, setTyped] = useState("");
  const [seen, setSeen] = useState(false);
  const [problem, setProblem] = useState<ProblemFacts>();
  const [busy, startTransition] = useTransition();
  const words = lockWords(lock.mode);

  const act = (work: () => ReturnType<HealthActions["lock"]>) =>
    startTransition(async () => {
      const came = await answered(work());
      setProblem(came.ok ? undefined : came.problem);
      if (came.ok) setTyped("");
      onChanged();
    });
  const prod = lock.accountMode === "prod";
  const ready = typed === "release" && (!prod || seen);
  return (
    <section className="group" id="order-lock" aria-label="Order lock">
      <h3>
        Order lock<span>{lock.intact ? "as we made it" : "not as we made it"}</span>
      </h3>
      <div className="f ok">
        <div className="f-row">
          {lock.intact || lock.mode === "absent" ? <LockMark held={words.held} /> : <Mark state="fail" />}
          <p className="says">
            {words.word}. {words.says}
          </p>
          <span className="age">{lock.accountMode === "prod" ? "production" : (lock.accountMode ?? "")}</span>
        </div>
      </div>
      {actions && (
        <>
          <Fact name="Automated entry" says={onOff(lock.autoEntry)} />
          <Fact name="Stop-loss" says={onOff(lock.autoStop)} />
          <Fact name="Momentum spike" says={onOff(lock.momentumSpike)} />
          <Fact name="Open trades" says={lock.openTrades === undefined ? "not known" : String(lock.openTrades)} />
          {lock.trades?.map((trade) => (
            <Fact key={trade} name={trade} says="open trade" />
          ))}
          {lock.attempts && (
            <Fact
              name="Stopped attempts"
              says={
                lock.attempts.count === 0 || lock.attempts.lastAt === undefined
                  ? String(lock.attempts.count)
                  : `${lock.attempts.count}, last ${dayOf(lock.attempts.lastAt)}${lock.attempts.lastFrom ? `, ${lock.attempts.lastFrom}` : ""}`
              }
            />
          )}
          {words.held && (
            <p className="more">
              REC.IO’s own switch answers “enabled” all the same. What it answers is not what is stored.
            </p>
          )}
          {lock.movedFrom && (
            <ConfirmMove
              from={lock.movedFrom}
              busy={busy}
              onConfirm={(word) => act(() => actions.confirmMove(writeToken(), word))}
            />
          )}
          {words.held
            ? !lock.movedFrom && (
                <details className="f">
                  <summary>
                    <span />
                    <p className="says">Release…</p>
                    <span className="age">asks for a typed word</span>
                  </summary>
                  <form
                    className="more"
                    onSubmit={(event) => {
                      event.preventDefault();
                      act(() => actions.release(writeToken(), mode, typed, seen));
                    }}
                  >
                    <Choice<"manual" | "all">
                      legend="What may go out"
                      name="release-mode"
                      value={mode}
                      onValue={setMode}
                      options={[
                        { value: "manual", title: "Orders that I enter", says: "Automated entry stays held." },
                        {
                          value: "all",
                          title: "All orders",
                          says: "REC.IO may enter trades by itself, by its own settings.",
                        },
                      ]}
                    />
                    {prod && (
                      <div className="choice">
                        <Agree
                          name="second-warning"
                          checked={seen}
                          onChecked={setSeen}
                          title="This is my real account"
                          says="The installed key is a production key: from now on orders cost real money."
                        />
                      </div>
                    )}
                    <Field
                      name="release-word"
                      label="Type the word release"
                      value={typed}
                      onValue={setTyped}
                      hint="The lock can be put back at any time."
                    />
                    <div className="actions">
                      <button type="submit" className={ready && !busy ? "btn btn-do" : "btn"} disabled={!ready || busy}>
                        Release new orders
                      </button>
                    </div>
                  </form>
                </details>
              )
            : lock.mode !== "absent" && (
                <div className="more">
                  <div className="actions">
                    <button
                      type="button"
                      className="btn btn-do"
                      disabled={busy}
                      onClick={() => act(() => actions.lock(writeToken()))}
                    >
                      Hold new orders again
                    </button>
                  </div>
                </div>
              )}
          {problem && <ProblemNote problem={problem} />}
        </>
      )}
    </section>
  );
}
