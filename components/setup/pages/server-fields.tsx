import type { Answers } from "../../../lib/install/answers.ts";
import { Choice } from "../../form/choice.tsx";
import { Field } from "../../form/field.tsx";
import type { FieldIssue } from "../../ui/answer.ts";
import { postgresAddress } from "./postgres-address.ts";

type ServerAnswer = Extract<Answers["database"], { kind: "server" }>;

export type ServerFieldValues = ReturnType<typeof serverFieldsOf>;

/** The fields of a server as text, from an answer that was given or from what most servers are. */
export function serverFieldsOf(given: ServerAnswer | undefined) {
  return {
    host: given?.host ?? "",
    port: String(given?.port ?? 5432),
    database: given?.database ?? "rec_io_db",
    adminUser: given?.adminUser ?? "postgres",
    adminDatabase: given?.adminDatabase ?? "postgres",
    appUser: given?.appUser ?? "rec_io_user",
    sslmode: (given?.sslmode ?? "disable") as string,
    caFile: given?.caFile ?? "",
  };
}

const modes = [
  { value: "disable", title: "No TLS", says: "For a server on this machine." },
  { value: "require", title: "TLS, whoever answers", says: "Encrypted; the server’s name is not checked." },
  {
    value: "verify-ca",
    title: "TLS, a certificate from this CA",
    says: "The certificate is checked against the CA file.",
  },
  { value: "verify-full", title: "TLS, and the name must match", says: "The one to choose over a network." },
] as const;

/** Host, names and TLS of a server. A pasted postgres:// address is taken apart into them, its password too. */
export function ServerFields({
  fields,
  set,
  issues,
  place,
  password,
  onPassword,
  held,
}: {
  fields: ServerFieldValues;
  set: (patch: Partial<ServerFieldValues>) => void;
  issues: readonly FieldIssue[];
  /** Whether host and port are asked for; a server that was found has told them already. */
  place: boolean;
  password: string;
  onPassword: (password: string) => void;
  held: boolean;
}) {
  const host = (text: string) => {
    const address = postgresAddress(text);
    if (!address) return set({ host: text });
    if (address.password) onPassword(address.password);
    set({
      host: address.host,
      ...(address.port ? { port: address.port } : {}),
      ...(address.user ? { adminUser: address.user } : {}),
      ...(address.database ? { adminDatabase: address.database } : {}),
      ...(address.sslmode ? { sslmode: address.sslmode } : {}),
    });
  };
  return (
    <>
      {place && (
        <div className="pair pair-wide">
          <Field
            name="database.host"
            label="Host, or a postgres:// address"
            value={fields.host}
            onValue={host}
            issues={issues}
            hint="An address is taken apart into these fields."
          />
          <Field
            name="database.port"
            label="Port"
            value={fields.port}
            onValue={(port) => set({ port })}
            issues={issues}
            inputMode="numeric"
            hint="5432 on most servers."
          />
        </div>
      )}
      <div className="pair">
        <Field
          name="database.adminUser"
          label="Administrator"
          value={fields.adminUser}
          onValue={(adminUser) => set({ adminUser })}
          issues={issues}
          hint="May make roles and databases."
        />
        <Field
          name="databaseAdminPassword"
          label="Administrator’s password"
          type="password"
          value={password}
          onValue={onPassword}
          issues={issues}
          autoComplete="off"
          hint={held ? "Held in memory. Type another to replace it." : "In memory only; not saved."}
        />
      </div>
      <div className="pair">
        <Field
          name="database.database"
          label="Database for REC.IO"
          value={fields.database}
          onValue={(database) => set({ database })}
          issues={issues}
          hint="Made by the run."
        />
        <Field
          name="database.appUser"
          label="Role for REC.IO"
          value={fields.appUser}
          onValue={(appUser) => set({ appUser })}
          issues={issues}
          hint="Made by the run, its password generated."
        />
      </div>
      <details className="why plain">
        <summary>TLS and first connection</summary>
        <div className="grid gap-6 pt-3">
          <Choice
            legend="TLS"
            name="sslmode"
            value={fields.sslmode}
            onValue={(sslmode) => set({ sslmode })}
            options={modes}
          />
          <Field
            name="database.caFile"
            label="CA file, optional"
            value={fields.caFile}
            onValue={(caFile) => set({ caFile })}
            issues={issues}
            hint="A path on this machine, needed for the last two."
          />
          <Field
            name="database.adminDatabase"
            label="Database to connect to first"
            value={fields.adminDatabase}
            onValue={(adminDatabase) => set({ adminDatabase })}
            issues={issues}
            hint="While REC.IO’s own does not exist yet."
          />
        </div>
      </details>
    </>
  );
}
