import { join } from "node:path";
import { z } from "zod";
import { keptReading } from "../../machine/kept-reading.ts";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot, type StatePaths } from "../../paths.ts";
import { type ShimName, shimNames } from "../../supervisor/program-environment.ts";

/** The files of the hook, relative to its folder. sitecustomize.py is what Python looks for; check.py is ours to run. */
export const hookFiles = [
  "sitecustomize.py",
  "check.py",
  ...[
    "__init__",
    "settings",
    "imports",
    "presence",
    "database",
    "commands",
    "listeners",
    "visitors",
    "account_mode",
    "supervisor_paths",
    "order_lock",
    "order_gate",
    "monitor_guard",
    "asked_hosts",
    "kalshi_today",
    "shims",
    "defects",
  ].map((name) => `rec_hook/${name}.py`),
] as const;

const textOf = keptReading((text) => text);

/** The text of one file of the hook as this product ships it. */
export async function shippedHookFile(machine: Machine, file: string): Promise<string> {
  const text = await textOf(machine.files, join(projectRoot(), "lib/checkout/hook", file));
  if (text === undefined) throw new Error(`lib/checkout/hook/${file} is missing from this product`);
  return text;
}

/** The text of one file of the hook as it is installed, or undefined where it is missing. */
export function installedHookFile(machine: Machine, paths: StatePaths, file: string): Promise<string | undefined> {
  return textOf(machine.files, join(paths.hook, file));
}

const recordSchema = z.object({
  /** The shims in use: those that a functional probe found this interpreter to need, and those that the person chose. */
  shims: z.array(z.enum(shimNames)),
  /** The account mode that was installed; REC.IO's own switch may have changed it since. */
  accountMode: z.enum(["demo", "prod"]),
});
export type HookRecord = z.infer<typeof recordSchema>;

/** What the step install-hook found and chose (paths.hookSettings), or undefined where there is none that can be read. */
export async function hookRecord(machine: Machine, paths: StatePaths): Promise<HookRecord | undefined> {
  const text = await machine.files.read(paths.hookSettings);
  if (text === undefined) return undefined;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The shims in use: none before the hook is installed. */
export async function shimsInUse(machine: Machine, paths: StatePaths): Promise<readonly ShimName[]> {
  return (await hookRecord(machine, paths))?.shims ?? [];
}

/** The account mode that REC.IO is shown, or undefined where the file is missing or says neither. */
export async function shownAccountMode(machine: Machine, paths: StatePaths): Promise<"demo" | "prod" | undefined> {
  const text = await machine.files.read(paths.accountMode);
  try {
    const mode: unknown = (JSON.parse(text ?? "{}") as { mode?: unknown }).mode;
    return mode === "demo" || mode === "prod" ? mode : undefined;
  } catch {
    return undefined;
  }
}
