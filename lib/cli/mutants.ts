import { parseArgs } from "node:util";
import { bulkCommand, optionsNotUsable } from "./bulk-command.ts";
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
    throw optionsNotUsable(usage);
  }
}

/**
 * `npm run test:mutants -- database` damages a scratch database in every way that the contract names;
 * `interrupted-apply` kills either side at every statement of an apply. Both print killed/total.
 */
export async function main(args: readonly string[]): Promise<never> {
  return bulkCommand(args, async (say) => {
    const { name, major, table } = read(args);
    const progress = args.includes("--json") ? () => {} : say;
    const mutants = databaseMutants().filter((mutant) => table === undefined || mutant.table.title === table);
    const report =
      name === "database"
        ? await killDatabaseMutants(mutants, { major, say: progress })
        : await interruptApply({ major }, progress);
    return {
      holds: report.killed === report.total && report.total > 0,
      result: { mutants: name, major, ...report },
    };
  });
}
