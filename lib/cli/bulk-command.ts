import { isProblem, Problem, problemFacts, sentence } from "../problem.ts";

/** What is thrown where the options of a bulk command are none of its own. */
export function optionsNotUsable(usage: string): Problem {
  return new Problem({
    code: "options.not-usable",
    says: "These options are not usable.",
    remedy: sentence(`Call it as: ${usage}`),
  });
}

/**
 * Runs a command of its own for bulk, prints its one JSON object, and ends this process: with 0 where it held, with 1
 * where it did not or could not be carried out.
 * @param work is given a way to speak on the way, which is standard error
 */
export async function bulkCommand(
  args: readonly string[],
  work: (say: (line: string) => void) => Promise<{ holds: boolean; result: object }>,
): Promise<never> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  let exit = 1;
  let result: object;
  try {
    const came = await work(say);
    result = came.result;
    exit = came.holds ? 0 : 1;
  } catch (thrown) {
    result = isProblem(thrown) ? { problem: problemFacts(thrown) } : { bug: String(thrown) };
    const bug = thrown instanceof Error ? (thrown.stack ?? "") : String(thrown);
    say(isProblem(thrown) ? `${thrown.says} ${thrown.remedy?.says ?? ""}` : bug);
  }
  const text = JSON.stringify(result, null, args.includes("--json") ? undefined : 2);
  await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
  process.exit(exit);
}
