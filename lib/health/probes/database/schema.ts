import { type AnyProbe, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { compare } from "../../../postgres/contract/compare.ts";
import { contract } from "../../../postgres/contract/contract.ts";
import { type FoundObjects, introspect } from "../../../postgres/contract/introspect.ts";
import { targetOf } from "../../../postgres/target.ts";
import { repairedBy } from "../../../problem.ts";

/** How many clauses the sentence names before it counts the rest; `objects` names all of them. */
const namedAtMost = 6;

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
    collect: ({ postgres }, signal) => introspect(postgres, "installer", signal),
    judge(found) {
      const differences = compare(found, target);
      if (differences.length === 0)
        return {
          level: "ok",
          says: `${contract.length} tables with ${columns} columns are as REC.IO's code needs them.`,
        };
      const named = differences.slice(0, namedAtMost).map(({ says }) => says);
      const rest = differences.length - named.length;
      return {
        level: "fail",
        says: `${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}.`,
        objects: [...new Set(differences.map(({ object }) => object))],
        remedy: repairedBy("apply-schema", "Bring the tables to the shape that REC.IO needs."),
      };
    },
  });
}
