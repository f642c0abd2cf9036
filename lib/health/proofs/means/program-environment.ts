import { Problem, repairedBy } from "../../../problem.ts";
import type { World } from "../../../world.ts";

/** How supervisord runs a program, as its configuration says. */
export interface ProgramEnvironment {
  variables: Readonly<Record<string, string>>;
  /** The user it runs as, where the configuration names one. */
  user?: string;
}

/** One `KEY=value` list of supervisord: values bare or in quotes, `%%` for a per cent sign. Pure. */
function pairs(list: string): Record<string, string> {
  const found: Record<string, string> = {};
  const pair = /([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^,]*))\s*(?:,|$)/gs;
  for (const [, name, quoted, single, bare] of list.matchAll(pair)) {
    const value = quoted !== undefined ? quoted.replace(/\\(["\\])/g, "$1") : (single ?? bare?.trim() ?? "");
    found[name ?? ""] = value.replaceAll("%%", "%");
  }
  return found;
}

/** The environment and user of one program in a supervisord configuration, or undefined where it is not in there. Pure. */
export function environmentIn(configuration: string, program: string): ProgramEnvironment | undefined {
  const lines = configuration.split("\n");
  const keys = (section: string): Record<string, string> | undefined => {
    const start = lines.findIndex((line) => line.trim() === `[${section}]`);
    if (start < 0) return undefined;
    const found: Record<string, string> = {};
    let last = "";
    for (const line of lines.slice(start + 1)) {
      if (line.startsWith("[")) break;
      if (/^\s*[;#]/.test(line) || line.trim() === "") continue;
      // A line that is indented goes on with the one above it.
      if (/^\s/.test(line) && last) {
        found[last] = `${found[last]}\n${line.trim()}`;
        continue;
      }
      const at = line.indexOf("=");
      if (at < 0) continue;
      last = line.slice(0, at).trim();
      found[last] = line.slice(at + 1).trim();
    }
    return found;
  };
  const own = keys(`program:${program}`);
  if (!own) return undefined;
  const variables = { ...pairs(keys("supervisord")?.environment ?? ""), ...pairs(own.environment ?? "") };
  return { variables, ...(own.user ? { user: own.user } : {}) };
}

/**
 * How a program is really run here, from the configuration that our supervisord reads.
 * @throws Problem `proof.no-configuration` where there is none for it.
 */
export async function programEnvironment(
  world: Pick<World, "machine" | "paths">,
  program: string,
): Promise<ProgramEnvironment> {
  const text = await world.machine.files.read(world.paths.supervisorConf);
  const found = text === undefined ? undefined : environmentIn(text, program);
  if (found) return found;
  throw new Problem({
    code: "proof.no-configuration",
    says: `The supervisord configuration holds no ${program}.`,
    remedy: repairedBy("write-supervisor-configuration", "Write the supervisord configuration."),
  });
}
