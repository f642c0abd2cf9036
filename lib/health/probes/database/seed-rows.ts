import { type AnyProbe, probe } from "../../../engine/probe.ts";
import { type SeedRows, seedFaults, seedRowsNow } from "../../../postgres/seed-rows.ts";
import { repairedBy } from "../../../problem.ts";

/** "The rows that REC.IO starts from are there". Without them its programs answer with silent defaults. */
export function seedRowsAreThere(): AnyProbe {
  return probe<"postgres", SeedRows>({
    id: "seed-rows",
    title: "The rows that REC.IO starts from are there",
    group: "Database",
    label: "machine",
    everyMs: 10_000,
    collect: ({ postgres }, signal) => seedRowsNow(postgres, signal),
    judge(rows) {
      const faults = seedFaults(rows);
      if (faults.length === 0)
        return {
          level: "ok",
          says: "The settings, the trade preferences and the history's preferences have their row.",
        };
      return {
        level: "fail",
        says: `${faults.map(({ says }) => says).join("; ")}.`,
        objects: faults.map(({ object }) => object),
        remedy: repairedBy("seed-rows", "Insert what is missing."),
      };
    },
  });
}
