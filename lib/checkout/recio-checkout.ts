import { dirname, join, resolve } from "node:path";
import { keptReading, stampOfAll } from "../machine/kept-reading.ts";
import type { Machine } from "../machine/machine.ts";
import type { StatePaths } from "../paths.ts";
import { Problem, sentence } from "../problem.ts";
import type { Checkout, CheckoutFacts, ProgramFacts } from "./checkout.ts";
import { headOf, statusOf } from "./git/git.ts";
import { environmentVersion, findInterpreters, findPython, fits } from "./python/find-python.ts";
import { outsideImports } from "./source/outside-imports.ts";
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

/** How long a listing may serve probes that only ask for a port or a name; the probe of the programs lists anew. */
const listingKeptMs = 12_000;

/**
 * A file that appears can change what an import means without any read file changing. Its folder tells, which programs
 * may also touch by themselves: so a change there counts after half an hour, and everything is read anew each hour.
 */
const readingKeptMs = { whateverElseAppears: 1_800_000, atMost: 3_600_000 };

interface Listing {
  programs: ProgramFacts[];
  ports: Record<string, number>;
}

/** What the files that list programs say, and of each script whether it is there and listens; read when they change. */
const reading = {
  generator: keptReading((text = "") => programsOfGenerator(text)),
  supervisorFile: keptReading((text = "") => programsOfSupervisorText(text)),
  monitor: keptReading((text = "") => programsOfMonitor(text)),
  manifest: keptReading((text) => (text === undefined ? {} : parseManifest(text))),
  script: keptReading((text) => (text === undefined ? "absent" : listens(text) ? "listens" : "there")),
};

async function programsOfEither(machine: Machine, root: string): Promise<NamedProgram[]> {
  const { files } = machine;
  const there = (await files.facts(join(root, sourceFiles.generator)))?.size;
  return reading.generator(files, join(root, there ? sourceFiles.generator : sourceFiles.olderGenerator));
}

async function listPrograms(machine: Machine, root: string): Promise<Listing> {
  await recogniseTree(machine, root);
  const { files } = machine;
  const sources: { source: string; programs: NamedProgram[] }[] = [
    { source: "generator", programs: await programsOfEither(machine, root) },
    {
      source: "supervisor file",
      programs: await reading.supervisorFile(files, join(root, sourceFiles.supervisorFile)),
    },
    { source: "monitor", programs: await reading.monitor(files, join(root, sourceFiles.monitor)) },
  ];
  const ports = await reading.manifest(files, join(root, manifestPath));
  const programs = await Promise.all(
    union(sources).map(async (program): Promise<ProgramFacts> => {
      const script = await reading.script(files, join(root, program.script));
      const port = script === "listens" ? ports[program.name] : undefined;
      return { ...program, exists: script !== "absent", ...(port === undefined ? {} : { port }) };
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

/** What is known of sources that no Python has read yet. */
const unread: SourceReading = { scripts: {}, broken: {}, imports: [], files: [] };

/**
 * The interpreter for reading sources: the environment's own where it is made already, else one that fits; undefined on
 * a machine that has no Python yet.
 */
export async function readingPython(machine: Machine, checkoutPython: string): Promise<string | undefined> {
  const there = (await machine.files.realPath(checkoutPython)) !== undefined;
  // An environment that was made by half has an interpreter that does not run.
  if (there && (await environmentVersion(machine, checkoutPython))) return checkoutPython;
  for (const packages of ["system", "pip"] as const) {
    const found = (await findInterpreters(machine, packages)).find(({ version }) => fits(version));
    if (found) return found.path;
  }
  return undefined;
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

  let read: { at: number; scripts: string; files: string; folders: string; reading: SourceReading } | undefined;
  /** What Python read of the sources, with the stamp that its files had just now. */
  const stampedSources = async (signal?: AbortSignal): Promise<{ reading: SourceReading; files: string }> => {
    const there = (await listing(true)).programs.filter(({ exists }) => exists);
    const scripts = [...new Set(there.map(({ script }) => script))];
    const key = JSON.stringify(scripts);
    const foldersOf = (files: readonly string[]) => [...new Set(files.map((file) => dirname(file)))];
    const stamps = async ({ files }: SourceReading) => ({
      files: await stampOfAll(machine.files, files),
      folders: await stampOfAll(machine.files, foldersOf(files)),
    });
    if (read?.scripts === key && Date.now() - read.at < readingKeptMs.atMost) {
      const now = await stamps(read.reading);
      const sameFolders = now.folders === read.folders || Date.now() - read.at < readingKeptMs.whateverElseAppears;
      if (now.files === read.files && sameFolders) return read;
    }
    const interpreter = await readingPython(machine, python);
    if (interpreter === undefined) return { reading: unread, files: "" };
    const found = await readSources(machine, interpreter, root, scripts, signal);
    read = { at: Date.now(), scripts: key, ...(await stamps(found)), reading: found };
    return read;
  };
  const sources = async (signal?: AbortSignal) => (await stampedSources(signal)).reading;

  const supervised = async () =>
    (await listing()).programs.filter(({ name, exists }) => exists && !goOnWithout.includes(name));

  let readWith: { key: string; statements: Promise<StatementReading> } | undefined;
  const statements = async (signal?: AbortSignal): Promise<StatementReading> => {
    const programsNow = await supervised();
    const scripts = [...new Set(programsNow.map(({ script }) => script))];
    const { reading: known, files: stamp } = await stampedSources(signal);
    const key = JSON.stringify([scripts, programsNow.map(({ args }) => args), stamp]);
    if (readWith?.key === key) return readWith.statements;
    const interpreter = (await readingPython(machine, python)) ?? (await findPython(machine, "system")).path;
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
    imports: async () =>
      outsideImports(
        machine,
        root,
        (await supervised()).map(({ script }) => script),
      ),
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
