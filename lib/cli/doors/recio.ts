import { isProblem, Problem, sentence } from "../../problem.ts";
import { type Door, notUnderstood } from "../door.ts";
import { type Holder, withHolder } from "../holder.ts";
import { updateLines } from "../print.ts";

const actions = ["start", "stop", "restart", "status", "logs", "rehearse-update"] as const;

/** What is to be read before REC.IO stops. A stop that is asked for is not refused because that cannot be told. */
async function beforeStop(holder: Holder): Promise<string[]> {
  try {
    return await holder.call("before-stop", {});
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return [`Whether trades are open is not known: ${thrown.says}`];
  }
}

/** REC.IO itself: its programs in the safe order, their states and their logs. */
export const recioDoor: Door = {
  name: "recio",
  usage: "start|stop|restart|status|logs [PROGRAM] | rehearse-update [COMMIT]",
  says: "Starts, stops and shows REC.IO's programs, in the safe order.",
  options: [
    { name: "--lines", value: "N", says: "logs: how many lines (default 100)" },
    { name: "--errors", says: "logs: what the program wrote to stderr" },
  ],
  positionals: [1, 2],
  async run(context) {
    const [word, program] = context.positionals;
    const action = actions.find((known) => known === word);
    if (!action) throw notUnderstood("recio", `recio does not know ${word}.`);
    return withHolder(context, async (holder) => {
      if (action === "logs") {
        if (program === undefined) throw notUnderstood("recio", "recio logs wants the name of a program.");
        const lines = Number(context.values.get("--lines") ?? 100);
        if (!Number.isInteger(lines) || lines < 1 || lines > 10_000)
          throw notUnderstood("recio", "--lines wants a number from 1 to 10000.");
        const log = await holder.call("log-tail", {
          program,
          stream: context.flags.has("--errors") ? "err" : "out",
          lines,
        });
        return { exit: 0, json: { program, lines: log }, lines: log };
      }
      if (action === "rehearse-update") {
        const found = await holder.call("rehearse-update", program === undefined ? {} : { commit: program });
        return { exit: found.verdict === "would break" ? 1 : 0, json: found, lines: updateLines(found) };
      }
      const stops = action === "stop" || action === "restart";
      const before = stops ? await beforeStop(holder) : [];
      for (const says of before) context.say(says);
      const programs =
        action === "status"
          ? await holder.call("programs", {})
          : await holder.call("recio", { action, ...(program === undefined ? {} : { program }) });
      const shown = program === undefined ? programs : programs.filter(({ name }) => name === program);
      if (program !== undefined && shown.length === 0) {
        throw new Problem({
          code: "recio.unknown-program",
          says: `There is no program ${program}.`,
          remedy: sentence("npm run recio -- status lists them."),
        });
      }
      const wanted = action === "stop" ? "STOPPED" : "RUNNING";
      // A program that ended by itself is as stopped as one that was told to.
      const holds = shown.every(
        ({ state }) => state === wanted || (action === "stop" && ["EXITED", "FATAL"].includes(state)),
      );
      return {
        exit: shown.length > 0 && holds ? 0 : 1,
        json: stops ? { before, programs: shown } : { programs: shown },
        lines:
          shown.length === 0
            ? ["No program is supervised."]
            : shown.map(
                ({ name, state, upForMs }) =>
                  `${state.padEnd(9)} ${name}${upForMs === undefined ? "" : `  up ${Math.round(upForMs / 1_000)} s`}`,
              ),
      };
    });
  },
};
