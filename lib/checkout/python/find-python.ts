import { dirname, join } from "node:path";
import { keptAnswer } from "../../machine/kept-answer.ts";
import { stampOfAll } from "../../machine/kept-reading.ts";
import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";

export interface Interpreter {
  path: string;
  /** [3, 11, 2]. */
  version: readonly [number, number, number];
}

/** What the pinned packages of REC.IO's requirements.txt can be installed on (facts/recio-contract.md section 3). */
export const leastMinor = 10;
export const mostMinor = 12;

/** Debian's own interpreter: the only one that sees Debian's packages. The PATH's python3 may be another. */
const systemPython = "/usr/bin/python3";

/** Debian's interpreter where it is: installed, or unpacked for this installation where it is not. */
export async function systemInterpreter({ packages }: Pick<Machine, "packages">): Promise<string> {
  return packages.place(systemPython);
}

/** Version of an interpreter, or undefined where it does not run. */
export async function pythonVersion(machine: Machine, path: string): Promise<Interpreter["version"] | undefined> {
  const args = ["-I", "-B", "-c", "import sys; print(*sys.version_info[:3])"];
  const { code, stdout } = await machine.exec(path, args, { timeoutMs: 10_000 });
  const [major, minor, micro] = stdout.trim().split(" ").map(Number);
  if (code !== 0 || major === undefined || minor === undefined || micro === undefined) return undefined;
  return [major, minor, micro];
}

/** One line that changes when an environment or the interpreter behind it does. */
export async function environmentStamp({ files }: Pick<Machine, "files">, python: string): Promise<string> {
  const real = (await files.realPath(python)) ?? python;
  return stampOfAll(files, [python, real, join(dirname(dirname(python)), "pyvenv.cfg")]);
}

const runs = keptAnswer<Interpreter["version"] | undefined>(900_000, (version) => version !== undefined);

/** Version of the interpreter of an environment; it is run again when its files have changed, and now and then. */
export async function environmentVersion(
  machine: Machine,
  python: string,
): Promise<Interpreter["version"] | undefined> {
  if ((await machine.files.realPath(python)) === undefined) return undefined;
  return runs(python, await environmentStamp(machine, python), () => pythonVersion(machine, python));
}

/** True where REC.IO's packages exist for this version. */
export function fits([major, minor]: Interpreter["version"]): boolean {
  return major === 3 && minor >= leastMinor && minor <= mostMinor;
}

/** Interpreters on this machine that run, in the order of preference for where the packages come from. */
export async function findInterpreters(machine: Machine, packages: "system" | "pip"): Promise<Interpreter[]> {
  const system = await systemInterpreter(machine);
  const names = packages === "system" ? [system] : ["python3.12", "python3.11", "python3.10", system, "python3"];
  const found: Interpreter[] = [];
  for (const name of names) {
    const path = await machine.find(name);
    if (path === undefined || found.some((known) => known.path === path)) continue;
    const version = await pythonVersion(machine, path);
    if (version) found.push({ path, version });
  }
  return found;
}

/**
 * The interpreter to make the virtual environment with.
 * @throws Problem `machine.python-missing` or `machine.python-does-not-fit`.
 */
export async function findPython(machine: Machine, packages: "system" | "pip"): Promise<Interpreter> {
  const there = await findInterpreters(machine, packages);
  const good = there.find(({ version }) => fits(version));
  if (good) return good;
  const wanted = `Python 3.${leastMinor} to 3.${mostMinor}`;
  const newest = there[0];
  if (newest) {
    throw new Problem({
      code: "machine.python-does-not-fit",
      says: `Python here is ${newest.version.join(".")}, and REC.IO's packages need ${wanted}.`,
      remedy: sentence(`Install ${wanted} beside it and try again.`),
    });
  }
  throw new Problem({
    code: "machine.python-missing",
    says: `No Python that runs was found; REC.IO needs ${wanted}.`,
    remedy: sentence(
      "Install it with this system's package manager (on Debian: python3 and python3-venv) and try again.",
    ),
  });
}
