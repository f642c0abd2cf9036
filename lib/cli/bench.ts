import { parseArgs } from "node:util";
import { benchClone, type Group, groupNames } from "../clone/bench/clone-bench.ts";
import { stateFolder } from "../paths.ts";
import { readSettings } from "../settings.ts";
import { benchDatabase } from "./bench/database.ts";
import { benchRest } from "./bench/rest.ts";
import { benchStart } from "./bench/start.ts";
import { bulkCommand, optionsNotUsable } from "./bulk-command.ts";

const usage =
  "npm run bench -- start|rest|database|clone [--state DIR] [--checkout DIR] [--seconds N] [--rounds N] [--scale X] [--only load,whole,wan] [--json]";

const notUsable = () => optionsNotUsable(usage);

function read(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        state: { type: "string" },
        checkout: { type: "string" },
        seconds: { type: "string", default: "60" },
        rounds: { type: "string", default: "3" },
        scale: { type: "string", default: "1" },
        only: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const seconds = Number(values.seconds);
    if (positionals.length !== 1 || !Number.isInteger(seconds) || seconds < 1) throw notUsable();
    const [rounds, scale] = [Number(values.rounds), Number(values.scale)];
    if (!Number.isInteger(rounds) || rounds < 1 || !(scale > 0)) throw notUsable();
    const only = (values.only?.split(",") ?? groupNames).filter((name): name is Group =>
      (groupNames as readonly string[]).includes(name),
    );
    if (only.length === 0) throw notUsable();
    return {
      name: positionals[0],
      seconds,
      rounds,
      scale,
      only,
      ...(values.state === undefined ? {} : { state: values.state }),
      ...(values.checkout === undefined ? {} : { checkout: values.checkout }),
    };
  } catch {
    throw notUsable();
  }
}

async function figures(args: readonly string[], say: (line: string) => void): Promise<object> {
  const { name, seconds, rounds, scale, only, state, checkout } = read(args);
  const settings = readSettings();
  if (name === "start") return { bench: name, ...(await benchStart(say)) };
  if (name === "database") return { bench: name, ...(await benchDatabase(checkout, say)) };
  if (name === "rest")
    return {
      bench: name,
      ...(await benchRest(stateFolder(state === undefined ? settings : { ...settings, state }, "real"), seconds, say)),
    };
  if (name === "clone") return { bench: name, ...(await benchClone(rounds, scale, only, say)) };
  throw notUsable();
}

/** `npm run bench -- NAME`: one figure or a few, measured on this machine, with ratios where another machine's differ. */
export async function main(args: readonly string[]): Promise<never> {
  return bulkCommand(args, async (say) => ({ holds: true, result: await figures(args, say) }));
}
