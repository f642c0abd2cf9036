import type { Machine } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { clientEnvironment, newestClient } from "../../postgres/client-programs.ts";
import { passwordOf, userOf } from "../../postgres/connection/client-config.ts";
import { quoteName } from "../../postgres/identifier.ts";
import type { PostgresTarget } from "../../postgres/postgres.ts";
import { isProblem } from "../../problem.ts";

/**
 * Has pg_dump write down what is no row: views, functions, indexes, rights. Rows are carried by our own copy, which needs
 * no program on the other machine and works with every version of the server.
 * @param file absolute; written 0600 where there is a pg_dump that knows this server
 * @returns who wrote it, or why nobody did; one sentence.
 */
export async function writeDefinitions(
  { machine, paths, target }: { machine: Machine; paths: StatePaths; target: PostgresTarget },
  { server, unreadable }: { server: string; unreadable: readonly { schema: string; name: string }[] },
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
    // pg_dump locks every table that it writes down, and may not those that it may not read.
    const without = unreadable.map(({ schema, name }) => `--exclude-table=${quoteName(schema, name)}`);
    const args = ["--schema-only", "--no-password", `--file=${file}`, ...without];
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
