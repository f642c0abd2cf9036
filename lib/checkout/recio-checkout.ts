import { join, resolve } from "node:path";
import type { Machine } from "../machine/machine.ts";
import type { StatePaths } from "../paths.ts";
import { Problem, sentence } from "../problem.ts";
import type { Checkout, CheckoutFacts, ProgramFacts } from "./checkout.ts";
import { headOf, statusOf } from "./git/git.ts";
import { findPython, pythonVersion } from "./python/find-python.ts";
import { listens, manifestPath, parseManifest } from "./source/ports.ts";
import {
  inSafeOrder,
  type NamedProgram,
  programsOfGenerator,
  programsOfMonitor,
  programsOfSupervisorText,
  union,
} from "./source/programs.ts";
import { readSources, type SourceReading } from "./source/read-sources.ts";
import { missingFilesOf, recogniseTree, sourceFiles } from "./source/recognise.ts";
import { readStatements, type StatementReading } from "./statements/read-statements.ts";

/** How long a listing of the programs may serve probes that only ask for a port or a name. */
const listingKeptMs = 5_000;

/** A file that appears can change what an import means without any read file changing; so readings also age. */
const readingKeptMs = 300_000;

interface Listing {
  programs: ProgramFacts[];
  ports: Record<string, number>;
}

async function listPrograms(machine: Machine, root: string): Promise<Listing> {
  await recogniseTree(machine, root);
  const read = async (path: string) => (await machine.files.read(join(root, path))) ?? "";
  const generator = (await read(sourceFiles.generator)) || (await read(sourceFiles.olderGenerator));
  const sources: { source: string; programs: NamedProgram[] }[] = [
    { source: "generator", programs: programsOfGenerator(generator) },
    { source: "supervisor file", programs: programsOfSupervisorText(await read(sourceFiles.supervisorFile)) },
    { source: "monitor", programs: programsOfMonitor(await read(sourceFiles.monitor)) },
  ];
  const manifest = await machine.files.read(join(root, manifestPath));
  const ports = manifest === undefined ? {} : parseManifest(manifest);
  const programs = await Promise.all(
    union(sources).map(async (program): Promise<ProgramFacts> => {
      const source = await machine.files.read(join(root, program.script));
      const port = source !== undefined && listens(source) ? ports[program.name] : undefined;
      return { ...program, exists: source !== undefined, ...(port === undefined ? {} : { port }) };
    }),
  );
  if (programs.length === 0) {
    throw new Problem({
      code: "checkout.no-programs",
      says: "Neither the generator, the supervisor file nor the monitor of the checkout names a program.",
      remedy: sentence(`Take ${sourceFiles.supervisorFile} from the repository again.`),
    });
  }
  return { programs: inSafeOrder(programs), ports };
}

/** The interpreter for reading sources: the environment's own where it is made already, else one that fits. */
export async function readingPython(machine: Machine, checkoutPython: string): Promise<string> {
  const there = (await machine.files.realPath(checkoutPython)) !== undefined;
  // An environment that was made by half has an interpreter that does not run.
  if (there && (await pythonVersion(machine, checkoutPython))) return checkoutPython;
  try {
    return (await findPython(machine, "system")).path;
  } catch {
    return (await findPython(machine, "pip")).path;
  }
}

/** One line that changes when any of these files does. */
async function fingerprintOf(machine: Machine, files: readonly string[]): Promise<string> {
  const facts = await Promise.all(files.map((file) => machine.files.facts(file)));
  return facts.map((one) => (one ? `${one.modifiedAt}/${one.size}` : "-")).join(" ");
}

/**
 * The REC.IO checkout at `root`. Everything is read from its files as text; none of its code is run.
 * @param goOnWithout programs that the person agreed to go without: they are not supervised, whether there or not.
 */
export function recioCheckout({
  root: given,
  machine,
  paths,
  goOnWithout = [],
}: {
  root: string;
  machine: Machine;
  paths: StatePaths;
  goOnWithout?: readonly string[];
}): Checkout {
  // One spelling, so that paths below it can be compared: people end it with a slash.
  const root = resolve(given);
  const python = join(paths.python, "bin", "python");
  let kept: { at: number; listing: Promise<Listing> } | undefined;
  const listing = (anew = false): Promise<Listing> => {
    if (anew || !kept || Date.now() - kept.at > listingKeptMs) {
      kept = { at: Date.now(), listing: listPrograms(machine, root) };
      kept.listing.catch(() => {
        kept = undefined;
      });
    }
    return kept.listing;
  };

  let read: { at: number; scripts: string; fingerprint: string; reading: SourceReading } | undefined;
  const sources = async (signal?: AbortSignal): Promise<SourceReading> => {
    const there = (await listing(true)).programs.filter(({ exists }) => exists);
    const scripts = [...new Set(there.map(({ script }) => script))];
    const key = JSON.stringify(scripts);
    const young = read !== undefined && Date.now() - read.at < readingKeptMs;
    if (young && read?.scripts === key && read.fingerprint === (await fingerprintOf(machine, read.reading.files)))
      return read.reading;
    const reading = await readSources(machine, await readingPython(machine, python), root, scripts, signal);
    read = { at: Date.now(), scripts: key, fingerprint: await fingerprintOf(machine, reading.files), reading };
    return reading;
  };

  const supervised = async () =>
    (await listing()).programs.filter(({ name, exists }) => exists && !goOnWithout.includes(name));

  let readWith: { key: string; statements: Promise<StatementReading> } | undefined;
  const statements = async (signal?: AbortSignal): Promise<StatementReading> => {
    const programsNow = await supervised();
    const scripts = [...new Set(programsNow.map(({ script }) => script))];
    const known = await sources(signal);
    const key = JSON.stringify([
      scripts,
      programsNow.map(({ args }) => args),
      await fingerprintOf(machine, known.files),
    ]);
    if (readWith?.key === key) return readWith.statements;
    const interpreter = await readingPython(machine, python);
    // A program that is gone without is not read, nor what only it imports.
    const all = known.files.length > 0 && scripts.length === Object.keys(known.scripts).length;
    const files = all ? known.files : (await readSources(machine, interpreter, root, scripts, signal)).files;
    readWith = { key, statements: readStatements(machine, interpreter, root, files, programsNow) };
    readWith.statements.catch(() => {
      readWith = undefined;
    });
    return readWith.statements;
  };

  const programs: Checkout["programs"] = async (signal) => {
    const { scripts } = await sources(signal);
    const { programs: listed, ports } = await listing();
    return {
      programs: listed.map((program) => {
        const compiles = scripts[program.script];
        return typeof compiles === "string" || compiles === true ? { ...program, compiles } : program;
      }),
      ports,
    };
  };

  const inspect = async (signal?: AbortSignal): Promise<CheckoutFacts> => {
    const known = await programs(signal);
    const commit = await headOf(machine, root, signal);
    const dirty = commit === undefined ? [] : await statusOf(machine, root, signal ? { signal } : {});
    return {
      root,
      ...(commit === undefined ? {} : { commit }),
      dirty,
      ...known,
      missingFiles: await missingFilesOf(machine, root),
    };
  };

  return {
    root,
    python,
    at: (...parts) => join(root, ...parts),
    credentials: (environment) =>
      join(root, "backend/data/users/user_0001/credentials/kalshi-credentials", environment),
    inspect,
    programs,
    sources,
    statements,
    supervised,
    urlOf: async (program) => {
      const port = (await listing()).programs.find(({ name }) => name === program)?.port;
      if (port !== undefined) return `http://127.0.0.1:${port}`;
      throw new Problem({
        code: "checkout.program-has-no-port",
        says: `The program ${program} of this checkout listens on no port.`,
        remedy: sentence(`Look whether ${manifestPath} names ${program} and whether its script is there.`),
      });
    },
  };
}
