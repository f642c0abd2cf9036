import { parseArgs } from "node:util";
import { crashCopies } from "../clone/crash/test-crashes.ts";
import { isProblem, Problem, problemFacts, sentence } from "../problem.ts";

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
    throw new Problem({
      code: "options.not-usable",
      says: "These options are not usable.",
      remedy: sentence(`Call it as: ${usage}`),
    });
  }
}

/** `npm run test:crash -- clone` kills a copy, its source or its target at random moments, and compares the results. */
export async function main(args: readonly string[]): Promise<never> {
  const json = args.includes("--json");
  const say = (line: string) => process.stderr.write(`${line}\n`);
  let exit = 1;
  let result: object;
  try {
    const report = await crashCopies(read(args), say);
    result = { crash: "clone", ...report };
    exit = report.equal === report.total && report.sentAgain === 0 ? 0 : 1;
  } catch (thrown) {
    result = isProblem(thrown) ? { problem: problemFacts(thrown) } : { bug: String(thrown) };
    say(isProblem(thrown) ? `${thrown.says} ${thrown.remedy?.says ?? ""}` : String(thrown));
  }
  const text = JSON.stringify(result, null, json ? undefined : 2);
  await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
  process.exit(exit);
}
