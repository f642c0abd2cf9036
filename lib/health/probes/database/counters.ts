import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { type Counter, counters, countersBehind } from "../../../postgres/contract/counters.ts";
import { isProblem, repairedBy } from "../../../problem.ts";

export type CounterFacts = { behind: readonly Counter[] } | { missing: true };

/** Pure. */
export function judgeCounters(facts: CounterFacts): Finding {
  if ("missing" in facts)
    return { level: "unknown", says: "A table that counts is missing, so the counters cannot be compared." };
  if (facts.behind.length === 0)
    return { level: "ok", says: `${counters.length} counters stand behind no row of their tables.` };
  const objects = facts.behind.map(({ table, column }) => `${table.title}.${column.name}`);
  return {
    level: "fail",
    says: `${objects.join(", ")} would give a number that a row has already, so the next INSERT fails.`,
    objects,
    remedy: repairedBy("apply-schema", "Set the counters past the last row."),
  };
}

/** "Every counter stands past its rows". After a restore it often does not, and the next trade cannot be written down. */
export function countersStandPast(): AnyProbe {
  return probe<"postgres", CounterFacts>({
    id: "database-counters",
    title: "Every counter stands past the last row of its table",
    group: "Database",
    label: "machine",
    everyMs: 10_000,
    async collect({ postgres }, signal) {
      try {
        return { behind: await countersBehind({ query: (text) => postgres.query("installer", text, [], { signal }) }) };
      } catch (error) {
        if (isProblem(error) && error.code === "database.object-missing") return { missing: true };
        throw error;
      }
    },
    judge: judgeCounters,
  });
}
