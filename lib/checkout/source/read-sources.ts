import { join } from "node:path";
import { z } from "zod";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot } from "../../paths.ts";

const importEntry = z.object({
  module: z.string(),
  names: z.array(z.string()),
  /** "backend/main.py:10", at most five. */
  where: z.array(z.string()),
  /** True where the code says that it can do without. */
  guarded: z.boolean(),
});

const reading = z.object({
  scripts: z.record(z.string(), z.union([z.literal(true), z.string(), z.null()])),
  broken: z.record(z.string(), z.string()),
  imports: z.array(importEntry),
  /** Every file that was read, absolute. */
  files: z.array(z.string()),
});

/** What the programs' sources say: whether they compile, and which modules from outside the checkout they import. */
export type SourceReading = z.infer<typeof reading>;
export type ImportEntry = z.infer<typeof importEntry>;

const importAnswer = z.object({ trouble: z.record(z.string(), z.string().nullable()), from: z.array(z.string()) });

const ours = (name: string) => join(projectRoot(), "lib/checkout/source", name);

/**
 * Parses and compiles scripts and everything that they import inside the checkout. Nothing of it is run, and nothing
 * is written: `-B` and compile() leave no compiled file behind.
 * @param python the interpreter whose grammar counts.
 * @param scripts relative to the root.
 */
export async function readSources(
  machine: Machine,
  python: string,
  root: string,
  scripts: readonly string[],
  signal?: AbortSignal,
): Promise<SourceReading> {
  const result = await machine.exec(python, ["-I", "-B", "-W", "ignore", ours("read_sources.py")], {
    input: JSON.stringify({ root, scripts }),
    ...(signal ? { signal } : {}),
  });
  if (result.code !== 0) throw new Error(`reading the sources ended with ${result.code}: ${result.stderr.slice(-500)}`);
  return reading.parse(JSON.parse(result.stdout));
}

/**
 * Really imports modules in an interpreter, one process for all.
 * @returns the module's name and a one-line error for each that is missing or not whole, and the files and folders that
 *   the modules came from or would be looked for in.
 */
export async function importModules(
  machine: Machine,
  python: string,
  modules: readonly Pick<ImportEntry, "module" | "names">[],
  signal?: AbortSignal,
): Promise<{ failing: Record<string, string>; from: string[] }> {
  const result = await machine.exec(python, ["-I", "-B", "-W", "ignore", ours("import_modules.py")], {
    input: JSON.stringify(modules.map(({ module, names }) => ({ module, names }))),
    ...(signal ? { signal } : {}),
  });
  const last = result.stdout.trimEnd().split("\n").at(-1) ?? "";
  if (result.code !== 0 || last === "")
    throw new Error(`importing ended with ${result.code ?? result.signal}: ${result.stderr.slice(-500)}`);
  const { trouble, from } = importAnswer.parse(JSON.parse(last));
  return {
    failing: Object.fromEntries(
      Object.entries(trouble).flatMap(([name, error]) => (error === null ? [] : [[name, error]])),
    ),
    from,
  };
}
