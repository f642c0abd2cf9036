import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";

/** A command line. */
export interface Command {
  program: string;
  args: string[];
}

/**
 * How a server program runs that refuses to be root. "self": whoever we are. "namespace": root enters a user namespace in
 * which it is somebody else; the files stay root's and nobody else on the machine can read them. "user": where such a
 * namespace is not to be had (in a chroot, in most containers), a user without rights owns the files, and keeps of root's
 * rights the one to pass through root's folders, so that none of them has to be opened for others.
 */
type Way = { kind: "self" } | { kind: "namespace"; id: number } | { kind: "user"; id: number };

const said = {
  self: "It runs as this user",
  namespace: "Root runs it in a user namespace",
  user: "Root runs it as a user without rights",
} as const;

/** Nobody's user id where the user database knows it, otherwise the first that is not root's. */
async function somebody({ files }: Pick<Machine, "files">): Promise<number> {
  const ids = ((await files.read("/etc/passwd")) ?? "").split("\n").flatMap((line) => {
    const id = Number(line.split(":")[2]);
    return Number.isInteger(id) && id > 0 ? [id] : [];
  });
  return ids.includes(65_534) ? 65_534 : (ids[0] ?? 65_534);
}

function commandOf(way: Way, program: string, args: readonly string[]): Command {
  if (way.kind === "self") return { program, args: [...args] };
  if (way.kind === "namespace")
    return {
      program: "unshare",
      args: ["--user", `--map-user=${way.id}`, `--map-group=${way.id}`, "--", program, ...args],
    };
  const one = [`--reuid=${way.id}`, `--regid=${way.id}`, "--clear-groups"];
  // access(2), with which PostgreSQL looks for its own programs, asks without any right unless the last bit is set.
  const passing = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"];
  return { program: "setpriv", args: [...one, ...passing, "--", program, ...args] };
}

/** Undefined where a program runs this way and is not root; else what stood against it. */
async function trouble(machine: Machine, way: Way): Promise<string | undefined> {
  const { program, args } = commandOf(way, "/bin/sh", ["-c", "id -u"]);
  const answer = await machine.exec(program, args, { timeoutMs: 10_000 });
  if (answer.code === 0 && Number(answer.stdout.trim()) > 0) return undefined;
  return (answer.stderr || answer.stdout).trim().slice(0, 300) || `${program} ended with ${answer.code}`;
}

/**
 * The way for the cluster in this folder: who owns the files that are there decides, since PostgreSQL takes no others.
 * Without any, the namespace where it is to be had.
 */
async function wayFor(machine: Machine, data?: string): Promise<Way> {
  if (process.getuid?.() !== 0) return { kind: "self" };
  const owner = data === undefined ? undefined : (await machine.files.facts(data))?.uid;
  const namespace: Way = { kind: "namespace", id: await somebody(machine) };
  if (owner !== undefined) return owner === 0 ? namespace : { kind: "user", id: owner };
  return (await trouble(machine, namespace)) === undefined ? namespace : { kind: "user", id: namespace.id };
}

/**
 * The command line with which a server program runs that refuses to be root.
 * @param data the folder of the cluster, whether it is made already or not
 */
export async function asSomebody(
  machine: Machine,
  data: string,
  program: string,
  args: readonly string[],
): Promise<Command> {
  return commandOf(await wayFor(machine, data), program, args);
}

/**
 * Sees whether {@link asSomebody} works here, and says how.
 * @param data as there; absent: for a cluster that is still to be made
 * @throws Problem `database.cannot-be-somebody`: a container may forbid both, or util-linux may be old.
 */
export async function checkSomebody(machine: Machine, data?: string): Promise<string> {
  const way = await wayFor(machine, data);
  const cameBack = way.kind === "self" ? undefined : await trouble(machine, way);
  if (cameBack === undefined) return said[way.kind];
  throw new Problem({
    code: "database.cannot-be-somebody",
    says: "PostgreSQL refuses to run as root, and this machine lets root be nobody else.",
    remedy: sentence(
      "Start the setup as an ordinary user, allow user namespaces, or use a PostgreSQL server of this machine.",
    ),
    evidence: { asked: commandOf(way, "id", ["-u"]).program, cameBack },
  });
}
