import { join, resolve } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";

/** Makes "~/recio" the home folder's "recio". Other paths are only cleaned of "..", "." and doubled slashes. Pure. */
export function expandHome(path: string, home: string): string {
  if (path === "~") return resolve(home);
  return resolve(path.startsWith("~/") ? join(home, path.slice(2)) : path);
}

/** Where the files that make a tree REC.IO stand, relative to the root. */
export const sourceFiles = {
  main: "backend/main.py",
  generator: "scripts/generate_unified_supervisor_config.py",
  olderGenerator: "scripts/generate_supervisor_config.sh",
  supervisorFile: "backend/supervisord.conf",
  monitor: "backend/system_monitor.py",
} as const;

/** Files that the installation builds on, whichever programs there are. */
const neededFiles = [
  "backend/main.py",
  "backend/account_mode.py",
  "backend/util/paths.py",
  "backend/core/port_config.py",
  "backend/core/config/MASTER_PORT_MANIFEST.json",
] as const;

function wrong(code: string, says: string, remedy: string): Problem {
  return new Problem({ code: `checkout.${code}`, says, remedy: sentence(remedy) });
}

const nameIt = "Name the folder that holds REC.IO's backend and scripts, or have it cloned.";

/**
 * Says in one sentence what is wrong with a folder that should be REC.IO. Reads only names of files.
 * @throws Problem `checkout.not-there`, `.not-a-folder`, `.unreadable`, `.empty` or `.not-recio`.
 */
export async function recogniseTree(machine: Machine, root: string): Promise<void> {
  const real = await readable(machine, root, () => machine.files.realPath(root));
  const facts = real === undefined ? undefined : await readable(machine, root, () => machine.files.facts(real));
  if (!facts) throw wrong("not-there", `There is no folder ${root}.`, nameIt);
  if (facts.kind !== "folder") throw wrong("not-a-folder", `${root} is a file, not a folder.`, nameIt);
  const names = await readable(machine, root, () => machine.files.list(root));
  if (names.length === 0) throw wrong("empty", `The folder ${root} is empty.`, nameIt);
  const has = async (path: string) =>
    (await readable(machine, root, () => machine.files.facts(join(root, path))))?.kind === "file";
  const named =
    (await has(sourceFiles.generator)) ||
    (await has(sourceFiles.supervisorFile)) ||
    (await has(sourceFiles.olderGenerator));
  if ((await has(sourceFiles.main)) && named) return;
  // The most likely slip is one folder too deep or too high, and the better name can be told.
  for (const other of [join(root, ".."), ...names.map((name) => join(root, name))]) {
    const better = (await machine.files.facts(join(other, sourceFiles.main)).catch(() => undefined))?.kind === "file";
    if (better)
      throw wrong(
        "not-recio",
        `${root} is not REC.IO itself; ${resolve(other)} is.`,
        `Name ${resolve(other)} instead.`,
      );
  }
  throw wrong("not-recio", `${root} is not REC.IO: it has no backend/main.py beside a list of programs.`, nameIt);
}

async function readable<T>(machine: Machine, root: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const code = (thrown as { code?: string }).code;
    if (code !== "machine.not-permitted" && code !== "EACCES") throw thrown;
    const { user } = await machine.facts();
    throw wrong(
      "unreadable",
      `The user ${user} may not read ${root}.`,
      "Give this user the right to read it, or run this as its owner.",
    );
  }
}

/** Which of the needed files are missing, relative to the root. */
export async function missingFilesOf(machine: Machine, root: string): Promise<string[]> {
  const missing = await Promise.all(
    neededFiles.map(async (path) => ((await machine.files.facts(join(root, path)))?.kind === "file" ? [] : [path])),
  );
  return missing.flat();
}
