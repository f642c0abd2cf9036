import { parseArgs } from "node:util";
import { crashCopies } from "../clone/crash/test-crashes.ts";
import { bulkCommand, optionsNotUsable } from "./bulk-command.ts";

const usage = "npm run test:crash -- clone [--kills N] [--seed N] [--scale X] [--json]";

function read(args: readonly string[]): { kills: number; scale: number; seed?: number } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        kills: { type: "string", default: "50" },
        scale: { type: "string", default: "0.03" },
        seed: { type: "string" },
        json: { type: "boolean" },
      },
    });
    const [kills, scale, seed] = [Number(values.kills), Number(values.scale), Number(values.seed ?? 0)];
    if (
      positionals.join() !== "clone" ||
      !Number.isInteger(kills) ||
      kills < 1 ||
      !(scale > 0) ||
      !Number.isInteger(seed)
    )
      throw new Error("not usable");
    return { kills, scale, ...(values.seed === undefined ? {} : { seed }) };
  } catch {
    throw optionsNotUsable(usage);
  }
}

/** `npm run test:crash -- clone` kills a copy, its source or its target at random moments, and compares the results. */
export async function main(args: readonly string[]): Promise<never> {
  return bulkCommand(args, async (say) => {
    const report = await crashCopies(read(args), say);
    return {
      holds: report.total > 0 && report.equal === report.total && report.sentAgain === 0,
      result: { crash: "clone", ...report },
    };
  });
}
