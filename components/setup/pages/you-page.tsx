"use client";
import { useState } from "react";
import type { DraftAnswers } from "../../../lib/install/answers.ts";
import { Field } from "../../form/field.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { ContinueButton } from "../continue-button.tsx";
import type { HeldSecrets, SetupActions } from "../contract.ts";
import type { TrailEntry } from "../trail.ts";
import { useKeptFields, useSaving, withoutBlanks } from "../use-page.ts";
import { Wizard } from "../wizard.tsx";

export function YouPage({
  draft,
  then,
  trail,
  suggestedId,
  held,
  actions,
}: {
  draft: DraftAnswers;
  /** Where it goes on, where the page was opened to give one thing again. */
  then?: string | undefined;
  trail: readonly TrailEntry[];
  /** A user id made up by the server, for those who do not want to choose one. */
  suggestedId: string;
  held: HeldSecrets;
  actions: Pick<SetupActions, "save">;
}) {
  const [fields, set] = useKeptFields("you", {
    userId: draft.person?.userId ?? suggestedId,
    fullName: draft.person?.fullName ?? "",
    email: draft.person?.email ?? "",
    phone: draft.person?.phone ?? "",
  });
  // Passwords live in this component and in the action's body, and nowhere in the browser's storage.
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [replacing, setReplacing] = useState(!held.loginPassword);
  const { saving, problem, issues, goOn, keep } = useSaving(actions.save, "you", then ?? "/setup/kalshi");

  const person = withoutBlanks(fields);
  const named = Boolean(fields.userId && fields.fullName && fields.email);
  const ready = named && (!replacing || Boolean(password && again));
  const leave = () => keep({ person });
  return (
    <Wizard
      here="you"
      trail={trail}
      why={[
        "REC.IO keeps a profile and a login for one person. The login is what stands between its pages and whoever else uses this machine.",
        "Nothing of this leaves the machine.",
      ]}
      waitsFor={
        ready
          ? "Your password is stored as a bcrypt hash, by the run."
          : named
            ? "Continue waits for a password, given twice."
            : "Continue waits for a name and an e-mail address."
      }
      action={<ContinueButton ready={ready} saving={saving} />}
    >
      <form
        className="ask"
        id="ask"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          goOn({
            answers: { person },
            ...(replacing ? { secrets: { loginPassword: password, loginPasswordAgain: again } } : {}),
          });
        }}
      >
        <div>
          <h1>Who will use it?</h1>
          <p className="lead">This becomes your profile and your login in REC.IO.</p>
        </div>
        <Field
          name="person.userId"
          label="User id"
          value={fields.userId}
          onValue={(userId) => set({ userId })}
          onBlur={leave}
          issues={issues}
          autoComplete="username"
          hint="Your login name. We made one up; change it as you like."
        />
        <Field
          name="person.fullName"
          label="Full name"
          value={fields.fullName}
          onValue={(fullName) => set({ fullName })}
          onBlur={leave}
          issues={issues}
          autoComplete="name"
          hint="As REC.IO shows it."
        />
        <div className="pair">
          <Field
            name="person.email"
            label="E-mail"
            type="email"
            value={fields.email}
            onValue={(email) => set({ email })}
            onBlur={leave}
            issues={issues}
            autoComplete="email"
            inputMode="email"
            hint="Kept in your profile."
          />
          <Field
            name="person.phone"
            label="Phone, optional"
            type="tel"
            value={fields.phone}
            onValue={(phone) => set({ phone })}
            onBlur={leave}
            issues={issues}
            autoComplete="tel"
            inputMode="tel"
            hint="Kept in your profile."
          />
        </div>
        {replacing ? (
          <div className="pair">
            <Field
              name="loginPassword"
              label="Password"
              type="password"
              value={password}
              onValue={setPassword}
              issues={issues}
              autoComplete="new-password"
              hint="At least 8 characters."
            />
            <Field
              name="loginPasswordAgain"
              label="The same again"
              type="password"
              value={again}
              onValue={setAgain}
              issues={issues}
              autoComplete="new-password"
              hint={
                password && again && password !== again ? "Not the same yet." : "So that a slip does not lock you out."
              }
            />
          </div>
        ) : (
          <div className="field">
            <span className="legend">Password</span>
            <div className="key-box">
              <div className="key-foot key-foot-only">
                <span>held in the server’s memory only</span>
                <button type="button" className="btn btn-plain btn-inline" onClick={() => setReplacing(true)}>
                  Replace
                </button>
              </div>
            </div>
          </div>
        )}
        {problem && <ProblemNote problem={problem} />}
      </form>
    </Wizard>
  );
}
