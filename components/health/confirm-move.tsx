"use client";
import { useState } from "react";
import { Field } from "../form/field.tsx";
import type { LockSeen } from "./contract.ts";

/** The person's word that the installation which this one came from no longer trades; before it nothing is released. */
export function ConfirmMove({
  from,
  busy,
  onConfirm,
}: {
  from: NonNullable<LockSeen["movedFrom"]>;
  busy: boolean;
  onConfirm: (typed: string) => void;
}) {
  const [typed, setTyped] = useState("");
  const ready = typed === "stopped" && !busy;
  return (
    <form
      className="grid gap-4 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        onConfirm(typed);
      }}
    >
      <p>
        This installation came from {from.machine}, out of the backup of {from.madeAt.slice(0, 16).replace("T", " ")}.
        Two that trade with one key close each other’s positions, so no order passes here, not even one that closes.
        Stop REC.IO on {from.machine} first: <span className="data whitespace-nowrap">npm run recio -- stop</span>.
      </p>
      <Field
        name="stopped-word"
        label="Type the word stopped"
        value={typed}
        onValue={setTyped}
        hint="Closing is possible from then on; new orders stay held until you release them."
      />
      <div className="actions">
        <button type="submit" className={ready ? "btn btn-do" : "btn"} disabled={!ready}>
          The other one no longer trades
        </button>
      </div>
    </form>
  );
}
