import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  environmentStamp,
  environmentVersion,
  fits,
  type Interpreter,
  leastMinor,
  mostMinor,
} from "../../../checkout/python/find-python.ts";
import { type ImportEntry, importModules } from "../../../checkout/source/read-sources.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { stampOfAll } from "../../../machine/kept-reading.ts";
import { repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";

const repair = repairedBy("create-python-environment", "Create the Python environment anew.");

/** REC.IO does without it by storing passwords in clear and refusing every hashed one; so it is needed in any case. */
const alwaysNeeded = { module: "bcrypt", names: ["checkpw", "hashpw"], where: ["backend/main.py"], guarded: false };

export interface EnvironmentFacts {
  version?: Interpreter["version"];
}

export function judgeEnvironment({ version }: EnvironmentFacts): Finding {
  if (!version)
    return { level: "fail", says: "The Python environment is not there, or its Python does not run.", remedy: repair };
  const text = version.join(".");
  if (fits(version)) return { level: "ok", says: `Python ${text} runs in its environment.` };
  return {
    level: "fail",
    says: `The Python environment has Python ${text}; REC.IO needs 3.${leastMinor} to 3.${mostMinor}.`,
    remedy: repair,
  };
}

export interface PackageFacts {
  /** One entry a module; what is needed by one program and optional for another is needed. */
  imports: readonly ImportEntry[];
  /** Module → one-line error, of those that cannot be imported. */
  failing: Readonly<Record<string, string>>;
  /** pip installed another requirements.txt than the one that is there now. */
  outdated?: boolean;
}

/** Where pip's work is remembered by the hash of what it was given. */
const requirementsRecord = (paths: Pick<World["paths"], "python">) => join(paths.python, "requirements.sha256");

async function requirementsHash({ machine, checkout }: Needs): Promise<string> {
  return createHash("sha256")
    .update((await machine.files.read(checkout.at("requirements.txt"))) ?? "")
    .digest("hex");
}

/** Keeps which requirements.txt pip has installed, whole. */
export async function rememberRequirements(world: Needs & Pick<World, "paths">): Promise<void> {
  await world.machine.files.write(requirementsRecord(world.paths), `${await requirementsHash(world)}\n`, 0o644);
}

/** Whether pip installed another requirements.txt than the one that is there now; false where pip installed nothing. */
export async function requirementsOutdated(world: Needs & Pick<World, "paths">): Promise<boolean> {
  const kept = await world.machine.files.read(requirementsRecord(world.paths));
  return kept !== undefined && kept.trim() !== (await requirementsHash(world));
}

/** One entry a module, the names and places of all its imports together, bcrypt among them. Pure. */
export function neededModules(imports: readonly ImportEntry[]): ImportEntry[] {
  const found = new Map<string, ImportEntry>();
  for (const entry of [...imports, alwaysNeeded]) {
    const known = found.get(entry.module);
    found.set(entry.module, {
      module: entry.module,
      names: [...new Set([...(known?.names ?? []), ...entry.names])].sort(),
      where: [...new Set([...(known?.where ?? []), ...entry.where])].slice(0, 5),
      guarded: (known?.guarded ?? true) && entry.guarded,
    });
  }
  return [...found.values()].sort((a, b) => a.module.localeCompare(b.module));
}

export function judgePackages({ imports, failing, outdated = false }: PackageFacts): Finding {
  const bad = imports.filter(({ module }) => failing[module] !== undefined);
  const needed = bad.filter(({ guarded }) => !guarded);
  const placed = ({ module, where: [place] }: ImportEntry) => (place ? `${module} (${place})` : module);
  const names = (entries: readonly ImportEntry[], name = ({ module }: ImportEntry) => module) => {
    const first = entries.slice(0, 4).map(name);
    return `${first.join(", ")}${entries.length > first.length ? ` and ${entries.length - first.length} more` : ""}`;
  };
  const evidence = {
    asked: `import of ${imports.length} modules by the interpreter that the programs run with`,
    cameBack:
      bad.length === 0
        ? "all imported"
        : bad.map(({ module, where }) => `${module} (${where[0] ?? "?"}): ${failing[module]}`).join("; "),
  };
  if (needed.length > 0)
    return {
      level: "fail",
      says: `${names(needed, placed)} cannot be imported, and the programs need ${needed.length === 1 ? "it" : "them"}.`,
      remedy: repair,
      evidence,
      objects: needed.map(({ module }) => module),
    };
  if (outdated)
    return {
      level: "fail",
      says: "requirements.txt has changed since pip installed it.",
      remedy: repairedBy("create-python-environment", "Have pip install what it asks for now."),
      evidence,
      objects: ["requirements.txt"],
    };
  if (bad.length > 0) {
    const remedy = sentence(
      `Install ${names(bad)} if you want what the programs do with ${bad.length === 1 ? "it" : "them"}.`,
    );
    return {
      level: "warn",
      says: `${names(bad)} cannot be imported; the programs say that they can do without.`,
      remedy,
      evidence,
    };
  }
  return { level: "ok", says: `All ${imports.length} modules that the programs import are there.`, evidence };
}

type Needs = Pick<World, "machine" | "checkout">;

/** What the interpreter in the environment is, whether or not it is there. */
export async function lookAtEnvironment({ machine, checkout }: Needs): Promise<EnvironmentFacts> {
  const version = await environmentVersion(machine, checkout.python);
  return version ? { version } : {};
}

/** Really imports everything that the programs need in the environment's interpreter. */
export async function lookAtPackages(world: Needs, signal?: AbortSignal): Promise<PackageFacts & { from: string[] }> {
  const { imports } = await world.checkout.sources(signal);
  const needed = neededModules(imports);
  if ((await lookAtEnvironment(world)).version === undefined) {
    const failing = Object.fromEntries(needed.map(({ module }) => [module, "there is no environment"]));
    return { imports: needed, failing, from: [] };
  }
  const { failing, from } = await importModules(world.machine, world.checkout.python, needed, signal);
  return { imports: needed, failing, from };
}

/** What was imported whole, by interpreter: when, which modules, and the stamp of the places that they came from. */
const whole = new Map<string, { at: number; modules: string; from: readonly string[]; stamp: string }>();
const wholeForMs = 3_600_000;

/**
 * The same for one who keeps looking. Importing everything takes most of a second of a core, so it is done again when
 * something was missing, when the list of modules, the interpreter, a module's file or a folder of modules has changed,
 * and once an hour.
 */
export async function watchPackages(world: Needs, signal?: AbortSignal): Promise<PackageFacts> {
  const { machine, checkout } = world;
  const imports = neededModules((await checkout.sources(signal)).imports);
  const modules = JSON.stringify(imports.map(({ module, names }) => [module, names]));
  const stampOf = async (from: readonly string[]) =>
    `${await environmentStamp(machine, checkout.python)} ${await stampOfAll(machine.files, from)}`;
  const last = whole.get(checkout.python);
  const young = last?.modules === modules && Date.now() - last.at < wholeForMs;
  if (last && young && last.stamp === (await stampOf(last.from))) return { imports, failing: {} };
  whole.delete(checkout.python);
  const { from, ...facts } = await lookAtPackages(world, signal);
  if (Object.keys(facts.failing).length === 0)
    whole.set(checkout.python, { at: Date.now(), modules, from, stamp: await stampOf(from) });
  return facts;
}

/** The environment and everything that the programs import from it. */
export const pythonProbes: readonly [AnyProbe, AnyProbe] = [
  probe({
    id: "python-environment",
    title: "The Python environment is there and runs",
    group: "Checkout",
    label: "machine",
    everyMs: 30_000,
    collect: (world: Needs) => lookAtEnvironment(world),
    judge: judgeEnvironment,
  }),
  probe({
    id: "python-packages",
    title: "Every module that the programs import can be imported",
    group: "Checkout",
    label: "machine",
    everyMs: 10_000,
    timeoutMs: 60_000,
    collect: async (world: Needs & Pick<World, "paths">, signal): Promise<PackageFacts> => ({
      ...(await watchPackages(world, signal)),
      outdated: await requirementsOutdated(world),
    }),
    judge: judgePackages,
  }),
];
