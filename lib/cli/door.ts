import type { StatePaths } from "../paths.ts";
import { Problem, sentence } from "../problem.ts";
import type { MakeRuntime } from "../server/make-runtime.ts";
import type { Settings } from "../settings.ts";
import type { OptionSpec, ReadOptions } from "./options.ts";

/** What the launcher knows: which version runs, and whether a browser could be seen. */
export interface Build {
  version: string;
  /** .build/<version>, absolute. */
  buildFolder: string;
  hasDisplay: boolean;
}

/** What a door has to work with. */
export interface DoorContext extends ReadOptions {
  settings: Settings;
  kind: "real" | "rehearsal";
  paths: StatePaths;
  /** From --port or the environment; undefined where the state's remembered one or the default counts. */
  port: number | undefined;
  json: boolean;
  /** A person can be asked: both ends are a terminal. */
  interactive: boolean;
  build: Build;
  makeRuntime: MakeRuntime;
  /** A line on the way: stdout, or stderr where stdout is kept for JSON. */
  say(line: string): void;
}

/** How a door ended. */
export interface Outcome {
  exit: number;
  /** Printed with --json. */
  json: object;
  /** Printed without it. */
  lines: readonly string[];
}

/** One command. */
export interface Door {
  name: string;
  /** The rest of its usage line. */
  usage: string;
  says: string;
  options: readonly OptionSpec[];
  /** Fewest and most words that are no options. */
  positionals: readonly [number, number];
  run(context: DoorContext): Promise<Outcome>;
}

/** A command line that this door does not understand; exit 2. */
export function notUnderstood(door: string, says: string): Problem {
  return new Problem({
    code: "cli.not-understood",
    says,
    remedy: sentence(`npm run ${door} -- --help lists what it takes.`),
  });
}
