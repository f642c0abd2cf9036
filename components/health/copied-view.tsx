"use client";
import { useState } from "react";
import type { LogLine } from "../../lib/clone/source/log-lines.ts";
import type { DraftAnswers } from "../../lib/install/answers.ts";
import { Field } from "../form/field.tsx";
import type { SetupActions } from "../setup/contract.ts";
import { Ladder } from "../setup/ladder.tsx";
import { useInquiry } from "../setup/use-inquiry.ts";
import { ProblemNote } from "../ui/problem-note.tsx";

type Actions = Pick<SetupActions, "inquire" | "cancelInquiry">;
type SourceAnswer = Extract<DraftAnswers["data"], { kind: "source" }>;

/** Reads every copied table again and compares it with what was recorded when it came. */
function Comparison({ actions }: { actions: Actions }) {
  const { inquiry, problem, ask } = useInquiry(actions);
  const asking = inquiry !== undefined && !inquiry.done;
  return (
    <section className="data-part">
      <div className="ask">
        <h1>Is it still what was copied?</h1>
        <p className="lead">
          Each table is read again as it is stored now, and compared byte for byte with the checksum of the day it came.
          Nothing is changed.
        </p>
        <div className="actions">
          <button
            type="button"
            className="btn btn-do"
            disabled={asking}
            onClick={() => void ask({ kind: "copied-data" })}
          >
            {asking ? "Comparing…" : "Compare now"}
          </button>
        </div>
        {problem && <ProblemNote problem={problem} />}
      </div>
      <Ladder
        title="What the tables say"
        inquiry={inquiry}
        beforeIt="Not asked yet. It takes about a second for 200 MB."
        wayOut={() => null}
      />
    </section>
  );
}

const when = (iso: string | null) => (iso === null ? "not known" : iso.replace("T", " ").slice(0, 16));

function Visits({ visits }: { visits: readonly LogLine[] }) {
  return (
    <table className="visits">
      <thead>
        <tr>
          <th>Began, UTC</th>
          <th>Who</th>
          <th>From</th>
          <th>Came to</th>
        </tr>
      </thead>
      <tbody>
        {visits.map((visit) => (
          <tr key={visit.id}>
            <td>
              <time>{when(visit.began)}</time>
            </td>
            <td>
              {visit.name ?? visit.userId} <small>{visit.email}</small>
            </td>
            <td>
              <code>{visit.address ?? "a local socket"}</code>
            </td>
            <td>
              {visit.status === "in_progress" ? "not ended, or broken off" : (visit.status ?? "not known")}
              <small>
                {visit.tables ?? 0} tables, {(visit.rows ?? 0).toLocaleString("en-GB").replaceAll(",", "\u00a0")} rows
                {visit.seconds === null ? "" : ` in ${visit.seconds}\u00a0s`}
                {visit.error ? `: ${visit.error}` : ""}
              </small>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Who has copied from a source: for whoever runs it. The role that copies may not read it. */
function AccessLog({ known, actions }: { known: SourceAnswer | undefined; actions: Actions }) {
  const { inquiry, problem, refused, ask } = useInquiry(actions);
  const [fields, setFields] = useState({
    host: known?.host ?? "",
    port: String(known?.port ?? 5432),
    database: known?.database ?? "rec_io_db",
    user: "rec_io_user",
  });
  const [password, setPassword] = useState("");
  const set = (patch: Partial<typeof fields>) => setFields({ ...fields, ...patch });
  const visits = (inquiry?.facts?.visits ?? []) as LogLine[];
  const source = {
    kind: "source" as const,
    ...fields,
    sslmode: known?.sslmode ?? "verify-full",
    ...(known?.caFile ? { caFile: known.caFile } : {}),
  } as unknown as SourceAnswer;
  return (
    <section className="data-part">
      <form
        className="ask"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void ask({ kind: "source-log", source, password });
        }}
      >
        <h2>Who has copied from the source?</h2>
        <p className="lead">
          For whoever runs it. The role that copies may write its own line and read no other, so this asks as one that
          may.
        </p>
        <div className="pair pair-wide">
          <Field name="data.host" label="Host" value={fields.host} onValue={(host) => set({ host })} issues={refused} />
          <Field
            name="data.port"
            label="Port"
            value={fields.port}
            onValue={(port) => set({ port })}
            issues={refused}
            inputMode="numeric"
          />
        </div>
        <div className="pair">
          <Field name="data.user" label="Role" value={fields.user} onValue={(user) => set({ user })} issues={refused} />
          <Field
            name="password"
            label="Its password"
            type="password"
            value={password}
            onValue={setPassword}
            issues={refused}
            autoComplete="off"
            hint="For this one question; kept nowhere."
          />
        </div>
        <div className="actions">
          <button type="submit" className="btn" disabled={fields.host === "" || password === ""}>
            Read its access log
          </button>
        </div>
        {problem && <ProblemNote problem={problem} />}
        {visits.length > 0 && <Visits visits={visits} />}
      </form>
      <Ladder title="What the source says" inquiry={inquiry} beforeIt="Not asked yet." wayOut={() => null} />
    </section>
  );
}

/** What came from a source: whether it is still that, and who else has copied. */
export function CopiedView({ draft, actions }: { draft: DraftAnswers; actions: Actions }) {
  const known = draft.data?.kind === "source" ? draft.data : undefined;
  return (
    <main id="main" className="wrap copied">
      <Comparison actions={actions} />
      <AccessLog known={known} actions={actions} />
    </main>
  );
}
