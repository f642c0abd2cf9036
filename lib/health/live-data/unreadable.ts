import type { Finding } from "../../engine/probe.ts";
import { repairedBy } from "../../problem.ts";

/** The finding for a section that PostgreSQL could not answer while it answered others: its tables are not as they must be. */
export function unreadable({ unreadable: says, reads }: { unreadable: string; reads: readonly string[] }): Finding {
  return {
    level: "fail",
    says,
    objects: reads,
    remedy: repairedBy("apply-schema", "Bring the tables into the shape that REC.IO needs."),
  };
}
