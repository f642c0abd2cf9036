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
import { ServerFields, serverFieldsOf } from "./server-fields.tsx";

export interface FoundDatabase {
  kind: "embedded" | "server";
  title: string;
  host?: string;
  port?: number;
  version?: string;
}

/** Where there is no offer to take it from. */
const usualPort = 15_432;

const idOf = (found: FoundDatabase) => (found.kind === "embedded" ? "embedded" : `${found.host}:${found.port}`);

const says = (found: FoundDatabase) =>
  found.kind === "embedded"
    ? "A server of REC.IO’s own, started by us, on this machine only. The choice where nothing else is here."
    : "It answers on this machine. We make a role and a database in it, and touch nothing else.";

export function DatabasePage({
  draft,
  then,
  trail,
  found,
  held,
  actions,
}: {
  draft: DraftAnswers;
  /** Where it goes on, where the page was opened to give one thing again. */
  then?: string | undefined;
  trail: readonly TrailEntry[];
  /** In the order of preference. */
  found: readonly FoundDatabase[];
  held: HeldSecrets;
  actions: SetupActions;
}) {
  const given = draft.database;
  const first = found[0];
  const givenId = given && (given.kind === "embedded" ? "embedded" : `${given.host}:${given.port}`);
  const [fields, set] = useKeptFields("database", {
    which: givenId
      ? found.some((each) => idOf(each) === givenId)
        ? givenId
        : "server"
      : first
        ? idOf(first)
        : "embedded",
    ownPort: String(
      given?.kind === "embedded" ? given.port : (found.find(({ kind }) => kind === "embedded")?.port ?? usualPort),
    ),
    ...serverFieldsOf(given?.kind === "server" ? given : undefined),
  });
  const [password, setPassword] = useState("");
  const { saving, problem, issues, goOn } = useSaving(actions.save, "database", then ?? "/setup/data");
  const { inquiry, problem: notAsked, refused, ask, forget } = useInquiry(actions);

  const chosen = found.find((each) => idOf(each) === fields.which);
  const database = useMemo(() => {
    if (fields.which === "embedded") return { kind: "embedded", port: fields.ownPort.trim() };
    const { which: _which, ownPort: _ownPort, ...server } = fields;
    const place = chosen ? { host: chosen.host ?? server.host, port: String(chosen.port ?? server.port) } : {};
    return { kind: "server", ...withoutBlanks({ ...server, ...place }) };
  }, [fields, chosen]);
  const asked = JSON.stringify(database);
  const complete =
    fields.which === "embedded" ? fields.ownPort.trim() !== "" : chosen !== undefined || Boolean(fields.host);
  const input = () => ({
    kind: "database" as const,
    database: JSON.parse(asked) as Answers["database"],
    ...(password ? { adminPassword: password } : {}),
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the answer as text stands for the fields it was made of.
  useEffect(() => {
    forget();
    if (!complete) return;
    const timer = setTimeout(() => void ask(input()), 600);
    return () => clearTimeout(timer);
  }, [asked, complete, password, ask, forget]);

  const ready = inquiry?.done === true && inquiry.accepted === true;
  return (
    <Wizard
      here="database"
      trail={trail}
      why={[
        "REC.IO keeps everything in PostgreSQL. A server that is here already is offered first; REC.IO’s own is the rest of the way.",
        "The password of REC.IO’s role is generated and never shown.",
      ]}
      waitsFor={
        ready ? "The server is tried, nothing is made yet." : "Continue waits for a server that answers and lets us in."
      }
      action={<ContinueButton ready={ready} saving={saving} />}
      aside={
        <Ladder
          title="What the server says"
          inquiry={inquiry}
          beforeIt={notAsked?.says ?? "Name a server, and we try it at once. Nothing is made in it before you agree."}
          wayOut={() => (
            <button type="button" className="btn" onClick={() => void ask(input())}>
              Try again
            </button>
          )}
        />
      }
    >
      <form
        className="ask"
        id="ask"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          goOn({ answers: { database }, ...(password ? { secrets: { databaseAdminPassword: password } } : {}) });
        }}
      >
        <div>
          <h1>Where should REC.IO keep its data?</h1>
          <p className="lead">In PostgreSQL, on this machine or on a server that you name.</p>
        </div>
        <Choice
          legend="Server"
          name="which"
          value={fields.which}
          onValue={(which) => set({ which })}
          options={[
            ...found.map((each) => ({
              value: idOf(each),
              title: each.title,
              data: [each.version, each.kind === "server" ? idOf(each) : undefined].filter(Boolean).join(", "),
              says: says(each),
            })),
            { value: "server", title: "Another server", says: "By host and port, with its administrator’s password." },
          ]}
        />
        {fields.which === "embedded" && (
          <Field
            name="database.port"
            label="Port"
            value={fields.ownPort}
            onValue={(ownPort) => set({ ownPort })}
            issues={issues.length > 0 ? issues : refused}
            inputMode="numeric"
            hint="On this machine only, below 32768. Should somebody hold it, we say who."
          />
        )}
        {fields.which !== "embedded" && (
          <ServerFields
            fields={fields}
            set={set}
            issues={issues}
            place={chosen === undefined}
            password={password}
            onPassword={setPassword}
            held={held.databaseAdminPassword === true}
          />
        )}
        {problem && <ProblemNote problem={problem} />}
      </form>
    </Wizard>
  );
}
