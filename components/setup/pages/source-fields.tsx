import type { Answers } from "../../../lib/install/answers.ts";
import { Choice } from "../../form/choice.tsx";
import { Field } from "../../form/field.tsx";
import type { FieldIssue } from "../../ui/answer.ts";
import { postgresAddress } from "./postgres-address.ts";

export type SourceAnswer = Extract<Answers["data"], { kind: "source" }>;
export type SourceFieldValues = ReturnType<typeof sourceFieldsOf>;

/** The fields of a source as text, from an answer that was given, from what was found, or from what sources are. */
export function sourceFieldsOf(given: Partial<SourceAnswer> | undefined) {
  return {
    host: given?.host ?? "",
    port: String(given?.port ?? 5432),
    database: given?.database ?? "rec_io_db",
    user: given?.user ?? "rec_io_installer",
    sslmode: (given?.sslmode ?? "verify-full") as string,
    caFile: given?.caFile ?? "",
    verify: (given?.verify ?? "stored") as string,
    withoutLog: given?.withoutLog ? "yes" : "no",
    occupied: (given?.occupied ?? "keep") as string,
  };
}

const modes = [
  { value: "verify-full", title: "TLS, and the name must match", says: "The one to choose over a network." },
  {
    value: "verify-ca",
    title: "TLS, a certificate from this CA",
    says: "The certificate is checked against the CA file.",
  },
  { value: "require", title: "TLS, whoever answers", says: "Encrypted; the server’s name is not checked." },
  { value: "disable", title: "No TLS", says: "Contents are hashed at both ends, which takes longer." },
] as const;

/** Where the source is and who reads it. A pasted postgres:// address is taken apart into the fields, its password too. */
export function SourceFields({
  fields,
  set,
  issues,
  password,
  onPassword,
  held,
  logged,
}: {
  fields: SourceFieldValues;
  set: (patch: Partial<SourceFieldValues>) => void;
  issues: readonly FieldIssue[];
  password: string;
  onPassword: (password: string) => void;
  held: boolean;
  /** False where the source was asked and its log takes no line. */
  logged: boolean;
}) {
  const host = (text: string) => {
    const address = postgresAddress(text);
    if (!address) return set({ host: text });
    if (address.password) onPassword(address.password);
    set({
      host: address.host,
      ...(address.port ? { port: address.port } : {}),
      ...(address.user ? { user: address.user } : {}),
      ...(address.database ? { database: address.database } : {}),
      ...(address.sslmode ? { sslmode: address.sslmode } : {}),
    });
  };
  return (
    <>
      <div className="pair pair-wide">
        <Field
          name="data.host"
          label="Host, or a postgres:// address"
          value={fields.host}
          onValue={host}
          issues={issues}
          hint="From whoever runs the source."
        />
        <Field
          name="data.port"
          label="Port"
          value={fields.port}
          onValue={(port) => set({ port })}
          issues={issues}
          inputMode="numeric"
          hint="5432 on most servers."
        />
      </div>
      <div className="pair">
        <Field
          name="data.user"
          label="Reading role"
          value={fields.user}
          onValue={(user) => set({ user })}
          issues={issues}
          hint="One that can only read."
        />
        <Field
          name="sourcePassword"
          label="Its password"
          type="password"
          value={password}
          onValue={onPassword}
          issues={issues}
          autoComplete="off"
          hint={held ? "Held in memory. Type another to replace it." : "In memory only; forgotten after the copy."}
        />
      </div>
      {!logged && (
        <Choice
          legend="The source’s log takes no line about this copy"
          name="withoutLog"
          value={fields.withoutLog}
          onValue={(withoutLog) => set({ withoutLog })}
          options={[
            {
              value: "no",
              title: "Stop before anything is copied",
              says: "Its administrator can give the right to it.",
            },
            {
              value: "yes",
              title: "Copy without a line in the log",
              says: "Its administrator will not see this copy.",
            },
          ]}
        />
      )}
      <details className="why plain">
        <summary>TLS, comparing, and rows that are here already</summary>
        <div className="grid gap-6 pt-3">
          <Choice
            legend="TLS"
            name="sslmode"
            value={fields.sslmode}
            onValue={(sslmode) => set({ sslmode })}
            options={modes}
          />
          <Field
            name="data.caFile"
            label="CA file, optional"
            value={fields.caFile}
            onValue={(caFile) => set({ caFile })}
            issues={issues}
            hint="A path on this machine, for a source with a certificate of its own."
          />
          <Field
            name="data.database"
            label="Database"
            value={fields.database}
            onValue={(database) => set({ database })}
            issues={issues}
            hint="rec_io_db at every source so far."
          />
          <Choice
            legend="Compared by"
            name="verify"
            value={fields.verify}
            onValue={(verify) => set({ verify })}
            options={[
              { value: "stored", title: "Reading back what was stored", says: "Against what arrived, byte by byte." },
              {
                value: "deep",
                title: "Also a hash of the contents at both ends",
                says: "One more reading of the source.",
              },
            ]}
          />
          <Choice
            legend="Tables that hold rows here"
            name="occupied"
            value={fields.occupied}
            onValue={(occupied) => set({ occupied })}
            options={[
              { value: "keep", title: "Keep their rows", says: "The source’s are not copied into them." },
              {
                value: "replace",
                title: "Take the source’s",
                says: "The rows that are here are kept under a dated name.",
              },
            ]}
          />
        </div>
      </details>
    </>
  );
}
