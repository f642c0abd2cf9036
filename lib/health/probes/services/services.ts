import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { isProblem, repairedBy, sentence } from "../../../problem.ts";
import { programsGoneWithout } from "../../../supervisor/programs/gone-without.ts";
import { spanOfTime } from "../../../supervisor/programs/span-of-time.ts";
import type { ProgramState, Supervisor, UnexpectedExit } from "../../../supervisor/supervisor.ts";

/** A program that ended by itself is spoken of for so long. */
const rememberedMs = 10 * 60_000;
/** So many ends within that time, and not up again for long, are no accident any more. */
const tooMany = 3;
const steadyAfterMs = 15_000;

interface Facts {
  at: number;
  wanted: string[];
  programs: ProgramState[];
  exits: UnexpectedExit[];
  /** Last line of the log of each program that does not run, the errors' first. */
  lastLines: Record<string, string>;
}

const startThem = repairedBy("start-services", "Start REC.IO's services");

/** Why a program does not run: its state, its exit status and the last line of its log. */
function reasonOf(name: string, { programs, exits, lastLines }: Facts): string {
  const state = programs.find((one) => one.name === name);
  if (!state) return `${name} is unknown to supervisord`;
  if (state.state === "STOPPED") return `${name} is STOPPED`;
  const how = exits.findLast(({ program }) => program === name)?.how;
  const words = [how ?? state.spawnError, lastLines[name]].filter((word) => word !== undefined && word !== "");
  return `${name} is ${state.state}${words.length > 0 ? ` (${words.join(", ")})` : ""}`;
}

function judge(facts: Facts): Finding {
  const { at, wanted, programs, exits } = facts;
  const state = (name: string) => programs.find((one) => one.name === name);
  const down = wanted.filter((name) => state(name)?.state !== "RUNNING");
  if (down.length > 0) {
    return {
      level: "fail",
      says: `${down.map((name) => reasonOf(name, facts)).join("; ")}.`,
      remedy: startThem,
      objects: down,
    };
  }
  const counts = wanted
    .map((name) => ({ name, own: exits.filter((exit) => exit.program === name && !exit.settled) }))
    .filter(({ own }) => own.length > 0);
  const keepsEnding = counts.some(
    ({ name, own }) => own.length >= tooMany && at - (state(name)?.startedAt ?? at) < steadyAfterMs,
  );
  if (counts.length > 0) {
    const says = counts.map(({ name, own }) => {
      const last = own.at(-1);
      const age = spanOfTime(at - (last?.at ?? at));
      return own.length === 1
        ? `${name} ended ${age} ago (${last?.how})`
        : `${name} ended ${own.length} times, last ${age} ago (${last?.how})`;
    });
    const names = counts.map(({ name }) => name);
    return {
      level: keepsEnding ? "fail" : "warn",
      says: `${says.join("; ")}; supervisord started ${names.length === 1 ? "it" : "them"} again.`,
      remedy: sentence(`Read the log of ${names.join(", ")}.`),
      objects: names,
    };
  }
  const youngest = Math.min(
    ...programs.filter(({ name }) => wanted.includes(name)).map((one) => at - (one.startedAt ?? at)),
  );
  return {
    level: "ok",
    says: `${wanted.length} of ${wanted.length} programs run, the youngest for ${spanOfTime(youngest)}.`,
  };
}

/** The states of all programs, none where supervisord does not run. */
async function programsIfAny(supervisor: Pick<Supervisor, "programs">): Promise<ProgramState[]> {
  try {
    return await supervisor.programs();
  } catch (thrown) {
    if (isProblem(thrown) && thrown.code === "supervisor.not-running") return [];
    throw thrown;
  }
}

/** Every supervised program is RUNNING and stays up. One call for all, and the end of supervisord's log. */
const running = probe({
  id: "programs-running",
  title: "Every program of REC.IO runs and stays up",
  group: "Services",
  label: "machine",
  everyMs: 3_000,
  timeoutMs: 5_000,
  async collect({ supervisor, checkout }): Promise<Facts> {
    const at = Date.now();
    const wanted = (await checkout.supervised()).map(({ name }) => name);
    const programs = await programsIfAny(supervisor);
    const exits = await supervisor.unexpectedExits(at - rememberedMs);
    const lastLines: Record<string, string> = {};
    for (const { name, state } of programs) {
      if (!wanted.includes(name) || !["FATAL", "BACKOFF", "EXITED"].includes(state)) continue;
      const [line] = [...(await supervisor.tail(name, "err", 1)), ...(await supervisor.tail(name, "out", 1))];
      if (line) lastLines[name] = line.slice(0, 200);
    }
    return { at, wanted, programs, exits, lastLines };
  },
  judge(facts): Finding {
    if (facts.wanted.length === 0) return { level: "unknown", says: "The checkout names no program." };
    if (facts.programs.length === 0) {
      return {
        level: "fail",
        says: "No program runs: supervisord does not run.",
        remedy: startThem,
        objects: facts.wanted,
      };
    }
    return judge(facts);
  },
});

/** Programs that the person agreed to go without: a lasting warning, as promised. */
function goneWithout(answers: Answers): AnyProbe[] {
  const names = programsGoneWithout(answers);
  if (names.length === 0) return [];
  return [
    probe({
      id: "programs-gone-without",
      title: "Every program of the checkout is supervised",
      group: "Services",
      label: "checkout",
      everyMs: 60_000,
      collect: async () => names,
      judge: (missing): Finding => ({
        level: "warn",
        says: `REC.IO runs without ${missing.join(", ")}, as agreed.`,
        remedy: sentence(
          answers.kalshi.kind === "none"
            ? "Give a Kalshi key, or install a commit of the checkout that has the script."
            : "Install a commit of the checkout that has the script.",
        ),
        objects: missing,
      }),
    }),
  ];
}

/** The state of REC.IO's programs; `programs-running` comes first. */
export function serviceProbes(answers: Answers): [AnyProbe, ...AnyProbe[]] {
  return [running, ...goneWithout(answers)];
}
