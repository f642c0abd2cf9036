import { readAnswersFile } from "../answers-file.ts";
import { type Door, notUnderstood } from "../door.ts";
import { withHolder } from "../holder.ts";
import { planLines } from "../print.ts";

/** Prints what would change for the answers of a file; changes nothing. */
export const planDoor: Door = {
  name: "plan",
  usage: "--answers FILE",
  says: "Prints what an installation with these answers would change.",
  options: [{ name: "--answers", value: "FILE", says: "the answers, as JSON" }],
  positionals: [0, 0],
  async run(context) {
    const file = context.values.get("--answers");
    if (file === undefined) throw notUnderstood("plan", "plan wants --answers FILE.");
    const read = () => readAnswersFile(file, context.settings.home, context.paths);
    // A rehearsal's answers may ask for what its world offers, which the holder makes.
    const early = context.kind === "real" ? read() : undefined;
    const plan = await withHolder(context, async (holder) => {
      const { answers, secrets } = early ?? read();
      // A key that stands in a file can be looked at with the rest; a server keeps it in memory for the run only.
      if (!holder.served) await holder.call("hold-secrets", secrets);
      return holder.call("describe-plan", { answers });
    });
    return { exit: 0, json: plan, lines: planLines(plan) };
  },
};
