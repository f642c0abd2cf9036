import { isProblem, Problem, sentence } from "../../problem.ts";
import { confirmed } from "../confirmed.ts";
import { type Door, type DoorContext, notUnderstood, type Outcome } from "../door.ts";
import { followRun } from "../follow.ts";
import { type Holder, withHolder } from "../holder.ts";
import { planLines, updateLines } from "../print.ts";

const actions = ["start", "stop", "restart", "status", "logs", "rehearse-update", "update"] as const;

/** What is to be read before REC.IO stops. A stop that is asked for is not refused because that cannot be told. */
async function beforeStop(holder: Holder): Promise<string[]> {
  try {
    return await holder.call("before-stop", {});
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return [`Whether trades are open is not known: ${thrown.says}`];
  }
}

/** Takes the last update back: the commit before it, its steps undone, and REC.IO started again. */
async function wayBack(context: DoorContext, holder: Holder): Promise<Outcome> {
  const runs = await holder.call("runs", {});
  const undone = new Set(
    runs.flatMap((run) => (run.purpose === "undo" && run.status === "done" ? (run.takesBack ?? []) : [])),
  );
  const last = runs.filter(({ runId, purpose }) => purpose === "update" && !undone.has(runId)).at(-1);
  if (!last)
    throw new Problem({
      code: "recio.no-update",
      says: "There is no update that could be taken back.",
      remedy: sentence("Name the commit that you want: npm run recio -- update COMMIT."),
    });
  for (const says of await beforeStop(holder)) context.say(says);
  if (!(await confirmed(context, "back")))
    return { exit: 1, json: { confirmed: false }, lines: ["Nothing was changed: it wants --yes, or the word back."] };
  const { runId } = await holder.call("undo", { runId: last.runId });
  const run = await followRun(holder, runId, context.say);
  const done = run.status === "done";
  return {
    exit: done ? 0 : 1,
    json: { takenBack: last.runId, run: { runId, status: run.status } },
    lines: [
      done
        ? "The update is taken back, and REC.IO is started. npm run doctor says when it is proven."
        : "Not everything of it could be taken back; the page of the run says what and why.",
    ],
  };
}

/** Another commit: shown whole, agreed to, and followed to its end. */
async function update(context: DoorContext, holder: Holder, commit: string | undefined): Promise<Outcome> {
  const anyway = context.flags.has("--anyway");
  const plan = await holder.call("describe-update", { ...(commit === undefined ? {} : { commit }), anyway });
  for (const line of planLines(plan)) context.say(line);
  const [blocker] = plan.blockers;
  if (blocker)
    throw new Problem({
      code: "plan.blocked",
      says: blocker.says,
      remedy: blocker.remedy ?? sentence("Mend this and start again; nothing was changed."),
    });
  if (!(await confirmed(context, "update")))
    return {
      exit: 1,
      json: { confirmed: false },
      lines: ["Nothing was changed: it wants --yes, or the word update."],
    };
  const { runId } = await holder.call("update", { to: plan.to, anyway, consentHash: plan.hash });
  const run = await followRun(holder, runId, context.say);
  const done = run.status === "done";
  return {
    exit: done ? 0 : 1,
    json: { to: plan.to, run: { runId, status: run.status } },
    lines: done
      ? [`REC.IO is at ${plan.to.slice(0, 7)}, and proven.`]
      : [
          `The update did not come to its end: ${run.status}.`,
          "Go on with it, or take it back, on the page of the run; or bring the commit before back with npm run recio -- update COMMIT.",
        ],
  };
}

/** REC.IO itself: its programs in the safe order, their states and their logs. */
export const recioDoor: Door = {
  name: "recio",
  usage: "start|stop|restart|status|logs [PROGRAM] | rehearse-update [COMMIT] | update [COMMIT]",
  says: "Starts, stops and shows REC.IO's programs, in the safe order.",
  options: [
    { name: "--lines", value: "N", says: "logs: how many lines (default 100)" },
    { name: "--errors", says: "logs: what the program wrote to stderr" },
    { name: "--back", says: "update: take the last one back" },
    { name: "--yes", says: "update: ask nobody" },
    { name: "--anyway", says: "update: although something would break" },
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
      if (action === "update")
        return context.flags.has("--back") ? wayBack(context, holder) : update(context, holder, program);
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
