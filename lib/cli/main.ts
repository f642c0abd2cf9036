import { stateFolder, statePaths } from "../paths.ts";
import { isProblem, type ProblemFacts, problemFacts } from "../problem.ts";
import { createAnyRuntime } from "../rehearsal/rehearse.ts";
import type { MakeRuntime } from "../server/make-runtime.ts";
import { readSettings } from "../settings.ts";
import { type Build, type Door, type DoorContext, notUnderstood, type Outcome } from "./door.ts";
import { backupDoor } from "./doors/backup.ts";
import { checkKeyDoor } from "./doors/check-key.ts";
import { connectionDoor } from "./doors/connection.ts";
import { doctorDoor } from "./doors/doctor.ts";
import { planDoor } from "./doors/plan.ts";
import { recioDoor } from "./doors/recio.ts";
import { repairDoor } from "./doors/repair.ts";
import { devDoor, setupDoor } from "./doors/setup.ts";
import { sourceDoor } from "./doors/source.ts";
import { startDoor } from "./doors/start.ts";
import { stopDoor } from "./doors/stop.ts";
import { tradingDoor } from "./doors/trading.ts";
import { uninstallDoor } from "./doors/uninstall.ts";
import { wasInterrupted } from "./follow.ts";
import { commonOptions, readOptions, readPort, wordShown } from "./options.ts";

/** Every command, in the order of the README. */
export const doors: readonly Door[] = [
  setupDoor,
  startDoor,
  stopDoor,
  doctorDoor,
  planDoor,
  recioDoor,
  tradingDoor,
  repairDoor,
  checkKeyDoor,
  connectionDoor,
  backupDoor,
  sourceDoor,
  uninstallDoor,
  devDoor,
];

function helpOf(door: Door): string[] {
  const options = [...door.options, ...commonOptions];
  const left = options.map(({ name, value }) => (value === undefined ? name : `${name} ${value}`));
  const width = Math.max(...left.map((text) => text.length));
  return [
    `npm run ${door.name} -- ${door.usage}`.trimEnd(),
    door.says,
    ...options.map(({ says }, index) => `  ${(left[index] ?? "").padEnd(width)}  ${says}`),
  ];
}

function problemLines({ says, remedy }: ProblemFacts): string[] {
  return remedy ? [says, remedy.says] : [says];
}

async function runDoor(
  name: string,
  args: readonly string[],
  build: Build,
  makeRuntime: MakeRuntime,
  say: (line: string) => void,
): Promise<Outcome> {
  const door = doors.find((known) => known.name === name);
  if (!door) throw notUnderstood("setup", `There is no command ${name || "without a name"}.`);
  const options = readOptions(args, [...door.options, ...commonOptions], door.name);
  if (options.flags.has("--help")) return { exit: 0, json: { help: helpOf(door) }, lines: helpOf(door) };
  const [fewest, most] = door.positionals;
  if (options.positionals.length < fewest) throw notUnderstood(door.name, `${door.name} wants more: ${door.usage}.`);
  if (options.positionals.length > most)
    throw notUnderstood(
      door.name,
      `${door.name} does not know what to do with ${wordShown(options.positionals[most])}.`,
    );
  const settings = readSettings();
  const state = options.values.get("--state");
  const kind = options.flags.has("--rehearsal") ? "rehearsal" : "real";
  const json = options.flags.has("--json");
  const context: DoorContext = {
    ...options,
    settings,
    kind,
    paths: statePaths(stateFolder(state === undefined ? settings : { ...settings, state }, kind)),
    port: readPort(options.values.get("--port"), door.name) ?? settings.port,
    json,
    interactive: !json && process.stdin.isTTY === true && process.stdout.isTTY === true,
    build,
    makeRuntime,
    say,
  };
  return door.run(context);
}

/**
 * Runs one command and ends the process with its exit code. With --json, stdout holds exactly one JSON object on every
 * outcome: the door's own, or { problem }, or { bug }.
 * @param argv the door's name and its options
 */
export async function main(
  argv: readonly string[],
  build: Build,
  makeRuntime: MakeRuntime = createAnyRuntime,
): Promise<never> {
  const json = argv.includes("--json");
  const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
  let outcome: Outcome;
  if (argv.includes("--rehearsal") && !argv.includes("--help"))
    say("Rehearsal: nothing here touches Kalshi or your REC.IO.");
  try {
    outcome = await runDoor(argv[0] ?? "", argv.slice(1), build, makeRuntime, say);
  } catch (error) {
    // After Ctrl-C the interruption ends the process, when it has ended what it has to.
    if (wasInterrupted()) await new Promise(() => {});
    if (isProblem(error)) {
      const lines = problemLines(error);
      if (!json) process.stderr.write(`${lines.join("\n")}\n`);
      outcome = {
        exit: error.code === "cli.not-understood" ? 2 : 1,
        json: { problem: problemFacts(error) },
        lines: [],
      };
    } else {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      outcome = {
        exit: 1,
        json: { bug: error instanceof Error ? error.message : String(error) },
        lines: ["That is a bug of REC.IO Setup."],
      };
    }
  }
  // Whoever reads an answer of the rehearsal must not take it for one of the real world.
  const told =
    argv.includes("--rehearsal") && !Array.isArray(outcome.json) ? { rehearsal: true, ...outcome.json } : outcome.json;
  const text = json ? JSON.stringify(told) : outcome.lines.join("\n");
  // A pipe takes its time: the process ends only when everything has been written.
  if (text !== "") await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
  process.exit(outcome.exit);
}
