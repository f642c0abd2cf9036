"use client";
import { useState } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import { AdministratorPassword, wantsAdministrator } from "../form/administrator-password.tsx";

/** Taking back asks once more, in its own place, and for the administrator's password where that is needed. */
export function UndoButton({
  busy,
  problem,
  onUndo,
}: {
  busy: boolean;
  /** What the last attempt answered. */
  problem: ProblemFacts | undefined;
  onUndo: (databaseAdminPassword: string | undefined) => void;
}) {
  const [asked, setAsked] = useState(false);
  const [password, setPassword] = useState("");
  if (!asked)
    return (
      <button type="button" className="btn btn-plain" onClick={() => setAsked(true)}>
        Undo what this run did…
      </button>
    );
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onUndo(password === "" ? undefined : password);
      }}
    >
      <p className="small quiet">
        Everything that the receipts of this run name is taken back, newest first. What was there before stays.
      </p>
      {wantsAdministrator(problem?.code) && <AdministratorPassword value={password} onValue={setPassword} />}
      <div className="actions">
        <button type="submit" className="btn" disabled={busy}>
          Take it back
        </button>
        <button type="button" className="btn btn-plain" onClick={() => setAsked(false)}>
          Keep it
        </button>
      </div>
    </form>
  );
}
