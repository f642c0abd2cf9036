import { Field } from "./field.tsx";

const codes: ReadonlySet<string> = new Set(["database.password-missing", "database.password-wrong"]);

/** True for a problem that the password of the database's administrator solves: the server is not ours. */
export function wantsAdministrator(code: string | undefined): boolean {
  return code !== undefined && codes.has(code);
}

/** The password of the administrator of a server that is not ours. It is asked anew each time and kept nowhere. */
export function AdministratorPassword({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  return (
    <Field
      name="databaseAdminPassword"
      label="Administrator’s password"
      type="password"
      value={value}
      onValue={onValue}
      issues={[]}
      autoComplete="off"
      hint="In memory only; not saved."
    />
  );
}
