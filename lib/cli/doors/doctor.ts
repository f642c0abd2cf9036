import type { HealthReport } from "../../health/report.ts";
import { isThere } from "../../server/state/private-file.ts";
import type { Door } from "../door.ts";
import { withHolder } from "../holder.ts";
import { healthLines } from "../print.ts";

/** A state folder that is not there is not made to be looked at. */
function nothingHere(rehearsal: boolean): HealthReport {
  return {
    status: "down",
    installed: false,
    tradable: false,
    rehearsal,
    checkedAt: Date.now(),
    reasons: { installed: ["Nothing is installed yet."], tradable: [], warmingUp: [] },
    probes: [],
  };
}

/** Looks at everything, changes nothing; the same shape as /api/health. */
export const doctorDoor: Door = {
  name: "doctor",
  usage: "[--json]",
  says: "Looks, read-only, at everything. Exit 0 only if REC.IO is installed.",
  options: [],
  positionals: [0, 0],
  async run(context) {
    const report = isThere(context.paths.state)
      ? await withHolder(context, (holder) => holder.call("health", { lookAgain: true }))
      : nothingHere(context.kind === "rehearsal");
    return { exit: report.installed ? 0 : 1, json: report, lines: healthLines(report) };
  },
};
