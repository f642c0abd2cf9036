import { parseArgs } from "node:util";
import { isProblem, Problem, problemFacts, sentence } from "../problem.ts";
import { databaseMutants, killDatabaseMutants } from "./mutants/database.ts";
import { interruptApply } from "./mutants/interrupted-apply.ts";

const usage = "npm run test:mutants -- database|interrupted-apply [--major 15|18] [--table schema.table] [--json]";

function read(args: readonly string[]): { name: string; major: 15 | 18; table?: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { major: { type: "string", default: "18" }, table: { type: "string" }, json: { type: "boolean" } },
    });
    if (!["database", "interrupted-apply"].includes(positionals.join()) || !["15", "18"].includes(values.major))
      throw new Error("not usable");
    return {
      name: positionals.join(),
      major: values.major === "15" ? 15 : 18,
      ...(values.table === undefined ? {} : { table: values.table }),
    };
  } catch {
    throw new Problem({
      code: "options.not-usable",
      says: "These options are not usable.",
      remedy: sentence(`Call it as: ${usage}`),
    });
  }
}

/**
 * `npm run test:mutants -- database` damages a scratch database in every way that the contract names;
 * `interrupted-apply` kills either side at every statement of an apply. Both print killed/total.
 */
export async function main(args: readonly string[]): Promise<never> {
  const json = args.includes("--json");
  const say = (line: string) => process.stderr.write(`${line}\n`);
  let exit = 1;
  let result: object;
  try {
    const { name, major, table } = read(args);
    const progress = json ? () => {} : say;
    const mutants = databaseMutants().filter((mutant) => table === undefined || mutant.table.title === table);
    const report =
      name === "database"
        ? await killDatabaseMutants(mutants, { major, say: progress })
        : await interruptApply({ major }, progress);
    result = { mutants: name, major, ...report };
    exit = report.killed === report.total && report.total > 0 ? 0 : 1;
  } catch (thrown) {
    result = isProblem(thrown) ? { problem: problemFacts(thrown) } : { bug: String(thrown) };
    say(isProblem(thrown) ? `${thrown.says} ${thrown.remedy?.says ?? ""}` : String(thrown));
  }
  const text = JSON.stringify(result, null, json ? undefined : 2);
  await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
  process.exit(exit);
}
