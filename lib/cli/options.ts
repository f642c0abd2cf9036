import { Problem, sentence } from "../problem.ts";

/** The options of a door: a flag, or a name with a value. */
export interface OptionSpec {
  name: string;
  /** What the value is, as the help prints it; absent for a flag. */
  value?: string;
  says: string;
}

export interface ReadOptions {
  flags: ReadonlySet<string>;
  values: ReadonlyMap<string, string>;
  positionals: readonly string[];
}

/** Every command takes these. */
export const commonOptions: readonly OptionSpec[] = [
  { name: "--rehearsal", says: "the rehearsal instead of the real world" },
  { name: "--state", value: "DIR", says: "the folder of the state" },
  {
    name: "--port",
    value: "N",
    says: "the port of the page (default 5173, of the rehearsal 5174; then as remembered)",
  },
  { name: "--json", says: "exactly one JSON object on stdout" },
  { name: "--help", says: "this text" },
];

function wrong(says: string, door: string): Problem {
  return new Problem({
    code: "cli.not-understood",
    says,
    remedy: sentence(`npm run ${door} -- --help lists what it takes.`),
  });
}

/** A word of the command line as a sentence may repeat it: a long or odd one may be a part of a secret that was pasted. */
export function wordShown(text: string | undefined): string {
  return text !== undefined && /^[\w.:/-]{1,30}$/.test(text) ? text : "one of the words";
}

/**
 * Reads a command line. What follows an option that takes a value is its value, also where it begins with dashes;
 * `--name=value` is the same; what follows `--` is no option. The last of several values counts.
 * @throws Problem `cli.not-understood`.
 */
export function readOptions(args: readonly string[], specs: readonly OptionSpec[], door: string): ReadOptions {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const positionals: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    if (arg === "--") {
      positionals.push(...args.slice(index + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      positionals.push(arg);
      continue;
    }
    const equals = arg.indexOf("=");
    const name = equals === -1 ? arg : arg.slice(0, equals);
    const spec = specs.find((known) => known.name === name);
    if (!spec) throw wrong(`${door} has no option ${wordShown(name)}.`, door);
    if (spec.value === undefined) {
      if (equals !== -1) throw wrong(`${name} takes no value.`, door);
      flags.add(name);
      continue;
    }
    const value = equals === -1 ? args[++index] : arg.slice(equals + 1);
    if (value === undefined || value === "") throw wrong(`${name} wants a value: ${name} ${spec.value}.`, door);
    values.set(name, value);
  }
  return { flags, values, positionals };
}

/** A port as it was typed. @throws Problem `cli.not-understood`. */
export function readPort(text: string | undefined, door: string): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw wrong(`${JSON.stringify(text)} is no port: a port is a number from 1 to 65535.`, door);
  return port;
}
