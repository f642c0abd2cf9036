import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Machine } from "../machine/machine.ts";
import { childEnvironment } from "../settings.ts";
import type { PostgresTarget } from "./postgres.ts";

export interface ClientProgram {
  path: string;
  /** "15.14". */
  version: string;
  major: number;
}

const debianFolder = "/usr/lib/postgresql";

/** The newest of PostgreSQL's client programs of that name on this machine, where there is one. */
export async function newestClient(
  machine: Machine,
  name: "pg_dump" | "pg_restore" | "psql",
): Promise<ClientProgram | undefined> {
  const own = (await machine.files.list(debianFolder)).map((major) => join(debianFolder, major, "bin", name));
  const onPath = await machine.find(name);
  const found: ClientProgram[] = [];
  for (const path of [...own, ...(onPath ? [onPath] : [])]) {
    if (!(await machine.files.facts(path))) continue;
    const { stdout } = await machine.exec(path, ["--version"], { timeoutMs: 10_000 });
    const version = /\) (\d+(?:\.\d+)?)/.exec(stdout)?.[1];
    if (version) found.push({ path, version, major: Number.parseInt(version, 10) });
  }
  return found.sort((one, other) => other.major - one.major)[0];
}

/** A line of libpq's password file; a colon and a backslash are the only characters that it takes for its own. Pure. */
export function passLine(values: readonly (string | number)[]): string {
  return `${values.map((value) => String(value).replace(/[\\:]/g, "\\$&")).join(":")}\n`;
}

/** What PostgreSQL's own programs need to connect, with the password in a 0600 file that `end` removes. */
export async function clientEnvironment(
  machine: Machine,
  folder: string,
  login: { target: PostgresTarget; user: string; database: string; password: string },
): Promise<{ env: Record<string, string>; end(): Promise<void> }> {
  const { target, user, database, password } = login;
  const file = join(folder, `pass.${randomBytes(6).toString("hex")}`);
  await machine.files.write(file, passLine(["*", "*", "*", user, password]), 0o600);
  return {
    env: {
      ...childEnvironment(),
      PGHOST: target.host,
      PGPORT: String(target.port),
      PGUSER: user,
      PGDATABASE: database,
      PGPASSFILE: file,
      PGSSLMODE: target.sslmode,
      ...(target.caFile ? { PGSSLROOTCERT: target.caFile } : {}),
      PGAPPNAME: "rec-io-setup",
      PGCONNECT_TIMEOUT: "10",
      LC_ALL: "C.UTF-8",
    },
    end: () => machine.files.remove(file),
  };
}
