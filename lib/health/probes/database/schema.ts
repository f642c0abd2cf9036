import { type AnyProbe, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { compare, type Difference } from "../../../postgres/contract/compare.ts";
import { contract } from "../../../postgres/contract/contract.ts";
import { type FoundObjects, introspect } from "../../../postgres/contract/introspect.ts";
import { targetOf } from "../../../postgres/target.ts";
import { repairedBy } from "../../../problem.ts";

/** Beyond so many differences the sentence names tables only; `objects` and the evidence name every one. */
const namedAtMost = 6;
const tablesAtMost = 3;

/** "13 tables are missing: users.fills_0001, … and 10 more". */
function counted(names: readonly string[], one: string, many: string): string[] {
  if (names.length === 0) return [];
  const rest = names.length - tablesAtMost;
  const some = `${names.slice(0, tablesAtMost).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  return [`${names.length === 1 ? one : `${names.length} ${many}`}: ${some}`];
}

/** Many differences by what they are: schemas, tables that are missing, tables of another shape. Pure. */
function inShort(differences: readonly Difference[]): string[] {
  const missing = differences.filter(({ kind }) => kind === "table-missing").map(({ object }) => object);
  const other = differences.flatMap(({ kind, table }) => (table && kind !== "table-missing" ? [table.title] : []));
  return [
    ...differences.filter(({ table }) => !table).map(({ says }) => says),
    ...counted(missing, "A table is missing", "tables are missing"),
    ...counted([...new Set(other)], "A table has another shape", "tables have another shape"),
  ];
}

/** "Every table and column that REC.IO uses is there", in one look at the catalogue. */
export function schemaMatchesContract(answers: Answers): AnyProbe {
  const target = targetOf(answers.database);
  const columns = contract.reduce((sum, table) => sum + table.columns.length, 0);
  return probe<"postgres", FoundObjects>({
    id: "schema-contract",
    title: "Every table and column that REC.IO uses is there",
    group: "Database",
    label: "machine",
    everyMs: 10_000,
    foundation: true,
    collect: ({ postgres }, signal) => introspect(postgres, "installer", signal),
    judge(found) {
      const differences = compare(found, target);
      if (differences.length === 0)
        return {
          level: "ok",
          says: `${contract.length} tables with ${columns} columns are as REC.IO's code needs them.`,
        };
      return {
        level: "fail",
        says: `${(differences.length > namedAtMost ? inShort(differences) : differences.map(({ says }) => says)).join("; ")}.`,
        objects: [...new Set(differences.map(({ object }) => object))],
        evidence: {
          asked: `the catalogue of ${target.database}`,
          cameBack: differences.map(({ says }) => says).join("\n"),
        },
        remedy: repairedBy("apply-schema", "Bring the tables to the shape that REC.IO needs."),
      };
    },
  });
}
