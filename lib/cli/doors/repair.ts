import { Problem, sentence } from "../../problem.ts";
import { agreed } from "../agree.ts";
import { type Door, notUnderstood } from "../door.ts";
import { followRun } from "../follow.ts";
import { withHolder } from "../holder.ts";
import { planLines } from "../print.ts";

/** A remedy of the health page at the terminal: shown first, then done exactly so. */
export const repairDoor: Door = {
  name: "repair",
  usage: "STEP [--yes]",
  says: "Shows what a remedy would change, and with your consent does it.",
  options: [{ name: "--yes", says: "ask nobody: do what is shown" }],
  positionals: [1, 1],
  async run(context) {
    const stepId = context.positionals[0] as string;
    if (!context.interactive && !context.flags.has("--yes"))
      throw notUnderstood("repair", "repair wants --yes where nobody can be asked.");
    return withHolder(context, async (holder) => {
      const plan = await holder.call("describe-repair", { stepId });
      for (const line of planLines(plan)) context.say(line);
      const [blocker] = plan.blockers;
      if (blocker)
        throw new Problem({
          code: blocker.code ?? "plan.blocked",
          says: blocker.says,
          remedy: blocker.remedy ?? sentence("Mend this and start again; nothing was changed."),
        });
      if (!context.flags.has("--yes") && !(await agreed("Do exactly this?")))
        return { exit: 1, json: { repaired: false }, lines: ["Nothing was changed."] };
      const { runId } = await holder.call("repair", { stepId, consentHash: plan.hash });
      const run = await followRun(holder, runId, context.say);
      const failed = run.entries.find(({ problem }) => problem)?.problem;
      return {
        exit: run.status === "done" ? 0 : 1,
        json: { repaired: run.status === "done", runId, ...(failed ? { problem: failed } : {}) },
        lines: [
          run.status === "done" ? "Done." : `The repair is over: ${run.status}.`,
          ...(failed ? [failed.says] : []),
        ],
      };
    });
  },
};
