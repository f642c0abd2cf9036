import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { passwordOf, userOf } from "../../postgres/connection/client-config.ts";
import type { PostgresTarget } from "../../postgres/postgres.ts";
import { isProblem } from "../../problem.ts";
import { childEnvironment } from "../../settings.ts";

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

/**
 * Has pg_dump write down what is no row: views, functions, indexes, rights. Rows are carried by our own copy, which needs
 * no program on the other machine and works with every version of the server.
 * @param file absolute; written 0600 where there is a pg_dump that knows this server
 * @returns who wrote it, or why nobody did; one sentence.
 */
export async function writeDefinitions(
  { machine, paths, target }: { machine: Machine; paths: StatePaths; target: PostgresTarget },
  server: string,
  file: string,
  signal: AbortSignal,
): Promise<string> {
  const dump = await newestClient(machine, "pg_dump");
  if (!dump) return "The rows are our own copy; there is no pg_dump here that could write down the rest.";
  if (dump.major < Number.parseInt(server, 10))
    return `The rows are our own copy; the pg_dump here is ${dump.version}, which does not read PostgreSQL ${server}, so the rest is not in it.`;
  const user = userOf(target, "installer");
  const password = await passwordOf(target, "installer", { paths, machine, adminPassword: () => undefined });
  const login = { target, user, database: target.database, password };
  const { env, end } = await clientEnvironment(machine, paths.secrets, login);
  try {
    await machine.files.write(file, "", 0o600);
    const args = ["--schema-only", "--no-password", `--file=${file}`];
    const { code, stderr } = await machine.exec(dump.path, args, { env, signal, timeoutMs: 300_000 });
    if (code === 0)
      return `The rows are our own copy; pg_dump ${dump.version} wrote down the rest: views, functions, indexes, rights.`;
    await machine.files.remove(file);
    return `The rows are our own copy; pg_dump ${dump.version} could not write down the rest: ${stderr.trim().split("\n")[0] ?? ""}`;
  } catch (thrown) {
    await machine.files.remove(file);
    if (isProblem(thrown) && thrown.code === "machine.program-too-slow")
      return `The rows are our own copy; pg_dump ${dump.version} took too long for the rest.`;
    throw thrown;
  } finally {
    await end();
  }
}
