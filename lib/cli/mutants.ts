import { parseArgs } from "node:util";
import { isProblem, Problem, problemFacts, sentence } from "../problem.ts";
import { databaseMutants, killDatabaseMutants } from "./mutants/database.ts";

const usage = "npm run test:mutants -- database [--major 15|18] [--table schema.table] [--json]";

function read(args: readonly string[]): { major: 15 | 18; table?: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { major: { type: "string", default: "18" }, table: { type: "string" }, json: { type: "boolean" } },
    });
    if (positionals.join() !== "database" || !["15", "18"].includes(values.major)) throw new Error("not usable");
    return { major: values.major === "15" ? 15 : 18, ...(values.table === undefined ? {} : { table: values.table }) };
  } catch {
    throw new Problem({
      code: "options.not-usable",
      says: "These options are not usable.",
      remedy: sentence(`Call it as: ${usage}`),
    });
  }
}

/** `npm run test:mutants -- database`: damages a scratch database in every way that the contract names, and prints killed/total. */
export async function main(args: readonly string[]): Promise<never> {
  const json = args.includes("--json");
  const say = (line: string) => process.stderr.write(`${line}\n`);
  let exit = 1;
  let result: object;
  try {
    const { major, table } = read(args);
    const mutants = databaseMutants().filter((mutant) => table === undefined || mutant.table.title === table);
    const report = await killDatabaseMutants(mutants, { major, say: json ? () => {} : say });
    result = { mutants: "database", major, ...report };
    exit = report.killed === report.total && report.total > 0 ? 0 : 1;
  } catch (thrown) {
    result = isProblem(thrown) ? { problem: problemFacts(thrown) } : { bug: String(thrown) };
    say(isProblem(thrown) ? `${thrown.says} ${thrown.remedy?.says ?? ""}` : String(thrown));
  }
  const text = JSON.stringify(result, null, json ? undefined : 2);
  await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
  process.exit(exit);
}
