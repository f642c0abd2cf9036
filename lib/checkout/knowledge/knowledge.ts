import { join } from "node:path";
import { z } from "zod";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot, statePaths } from "../../paths.ts";
import type { ProgramFacts } from "../checkout.ts";
import { headOf } from "../git/git.ts";
import { findPython } from "../python/find-python.ts";
import { readingPython, recioCheckout } from "../recio-checkout.ts";
import type { SourceReading } from "../source/read-sources.ts";
import { sourceFiles } from "../source/recognise.ts";
import { type FoundRoute, listRoutes } from "../source/routes.ts";

const place = z.object({ name: z.string(), file: z.string(), line: z.number() });
/** Something that stands in the code, with its place. */
export type Place = z.infer<typeof place>;

const read = z.object({ environment: z.array(place), hosts: z.array(place), credentials: z.array(place) });

/** What a tree of REC.IO is, as far as its files tell: everything that an installation is made for. */
export interface Knowledge {
  commit?: string;
  programs: readonly ProgramFacts[];
  /** Name → port of the manifest. */
  ports: Readonly<Record<string, number>>;
  /** Package → what is asked of its version, of requirements.txt. */
  requirements: Readonly<Record<string, string>>;
  /** Environment variables that the programs read. */
  environment: readonly Place[];
  /** Hosts that are written into the code, this machine's own names left out. */
  hosts: readonly Place[];
  /** Passwords, keys and tokens that are written into the code; the value is not kept. */
  credentials: readonly Place[];
  routes: readonly FoundRoute[];
  sources: SourceReading;
}

/** Package → what is asked of its version; what is no package (comments, options) is left out. Pure. */
export function requirementsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const found = /^\s*([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*([^;#]*)/.exec(line);
      return found?.[1] ? [[found[1].toLowerCase().replaceAll("_", "-"), (found[3] ?? "").trim()]] : [];
    }),
  );
}

/**
 * The interpreter that reads sources: the environment's own, else one of the system's that fits.
 * @throws Problem `machine.python-…` where there is none.
 */
export async function interpreterFor(machine: Machine, checkoutPython: string): Promise<string> {
  return (await readingPython(machine, checkoutPython)) ?? (await findPython(machine, "system")).path;
}

/**
 * Reads a tree of REC.IO, be it the checkout or another commit of it. Nothing of it is run.
 * @param python an interpreter whose grammar counts
 * @throws Problem `checkout.…` where the folder is not REC.IO.
 */
export async function knowledgeOf(
  machine: Machine,
  { root, python }: { root: string; python: string },
  signal?: AbortSignal,
): Promise<Knowledge> {
  // The interpreter of an installation stands in its state folder; a tree that is only read has none.
  const tree = recioCheckout({ root, machine, paths: statePaths(join(root, ".no-state")) });
  const { programs, ports } = await tree.programs(signal);
  const sources = await tree.sources(signal);
  const result = await machine.exec(
    python,
    ["-I", "-B", "-W", "ignore", join(projectRoot(), "lib/checkout/knowledge/read_knowledge.py")],
    {
      input: JSON.stringify({ root, files: sources.files, texts: [sourceFiles.supervisorFile] }),
      ...(signal ? { signal } : {}),
    },
  );
  if (result.code !== 0) throw new Error(`reading the code ended with ${result.code}: ${result.stderr.slice(-500)}`);
  const commit = await headOf(machine, root, signal);
  const listening = programs.flatMap(({ script, port }) => (port === undefined ? [] : [script]));
  return {
    ...(commit === undefined ? {} : { commit }),
    programs,
    ports,
    requirements: requirementsOf((await machine.files.read(join(root, "requirements.txt"))) ?? ""),
    ...read.parse(JSON.parse(result.stdout)),
    routes: await listRoutes(machine, python, root, [...new Set(listening)], signal),
    sources,
  };
}
