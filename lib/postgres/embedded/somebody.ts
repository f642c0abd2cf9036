import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";

/** A command line. */
export interface Command {
  program: string;
  args: string[];
}

/** The user id to be inside: nobody's where the user database knows it, otherwise the first that is not root's. */
async function somebody(machine: Machine): Promise<string> {
  const ids = ((await machine.files.read("/etc/passwd")) ?? "").split("\n").flatMap((line) => {
    const id = Number(line.split(":")[2]);
    return Number.isInteger(id) && id > 0 ? [id] : [];
  });
  return String(ids.includes(65_534) ? 65_534 : (ids[0] ?? 65_534));
}

/**
 * The command line with which a server program runs that refuses to be root. As an ordinary user it is the program
 * itself. Root enters a user namespace in which it is somebody else: the files stay root's and 0700, nobody else on the
 * machine can read them, and no service user has to be made.
 */
export async function asSomebody(machine: Machine, program: string, args: readonly string[]): Promise<Command> {
  if (process.getuid?.() !== 0) return { program, args: [...args] };
  const id = await somebody(machine);
  return { program: "unshare", args: ["--user", `--map-user=${id}`, `--map-group=${id}`, "--", program, ...args] };
}

/**
 * Sees whether {@link asSomebody} works here.
 * @throws Problem `database.cannot-be-somebody`: a container may forbid user namespaces, or util-linux may be old.
 */
export async function checkSomebody(machine: Machine): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { program, args } = await asSomebody(machine, "/bin/sh", ["-c", "id -u"]);
  const answer = await machine.exec(program, args, { timeoutMs: 10_000 });
  if (answer.code === 0 && Number(answer.stdout.trim()) > 0) return;
  throw new Problem({
    code: "database.cannot-be-somebody",
    says: "PostgreSQL refuses to run as root, and this machine does not let root be somebody else in a user namespace.",
    remedy: sentence(
      "Start the setup as an ordinary user, allow user namespaces, or use a PostgreSQL server of this machine.",
    ),
    evidence: { asked: "unshare --user", cameBack: (answer.stderr || answer.stdout).trim().slice(0, 300) },
  });
}
