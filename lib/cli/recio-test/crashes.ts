import type { RunState } from "../../engine/state.ts";
import { type Debt, debts } from "../../engine/undo.ts";
import type { HealthReport } from "../../health/report.ts";
import type { Machine } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { isProblem } from "../../problem.ts";
import { askServer } from "../../server/control/control-client.ts";
import type { World } from "../../world.ts";
import { type Kind, killAll, kindOf, processesOf } from "./processes.ts";
import type { DrillResult } from "./report.ts";

/** What a door of the product answered; without `json` where it was killed before it could. */
export interface DoorAnswer {
  exit: number | null;
  json?: Record<string, unknown>;
}

export interface CrashGround {
  world: World;
  machine: Machine;
  paths: StatePaths;
  /** `npm run setup -- --answers FILE`, from its beginning. */
  setup(): Promise<DoorAnswer>;
  door(name: string, args: readonly string[]): Promise<DoorAnswer>;
  health(): Promise<{ status: number; report: HealthReport }>;
  say(line: string): void;
}

/** Where in an installation it is killed, and what. */
interface Crash {
  name: string;
  step: string;
  /** The step's progress at which it is killed, as a part of the whole. */
  part: number;
  kills: readonly Kind[];
}

const withoutServer: readonly Kind[] = ["server"];
const everythingOfOurs: readonly Kind[] = ["keeper", "server", "door"];
const everything: readonly Kind[] = ["keeper", "server", "door", "supervisord", "program", "postgres"];

/** Each is survived by the next attempt, which meets the following one. */
const crashes: readonly Crash[] = [
  {
    name: "the server is killed while the lookup is built",
    step: "build-probability-lookup",
    part: 0.3,
    kills: withoutServer,
  },
  {
    name: "everything of ours is killed while the lookup is built",
    step: "build-probability-lookup",
    part: 0.6,
    kills: everythingOfOurs,
  },
  {
    name: "everything of ours is killed while the services are started",
    step: "start-services",
    part: 0.25,
    kills: everythingOfOurs,
  },
  {
    name: "the server is killed while the services are started",
    step: "start-services",
    part: 0.6,
    kills: withoutServer,
  },
];

const lookEveryMs = 50;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The run in hand, as the server tells it; undefined while there is neither. */
async function runInHand(paths: StatePaths): Promise<RunState | undefined> {
  try {
    const status = await askServer(paths.controlSocket, "status", {}, { timeoutMs: 5_000 });
    return status?.runId ? await askServer(paths.controlSocket, "run-state", { runId: status.runId }) : undefined;
  } catch (thrown) {
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}

/** Waits until a step of the run in hand has come so far, or the attempt has ended by itself. */
async function untilInTheMiddle({ paths }: CrashGround, { step, part }: Crash, ended: () => boolean): Promise<boolean> {
  while (!ended()) {
    const entry = (await runInHand(paths))?.entries.find(({ id }) => id === step);
    const { done, total } = entry?.progress ?? { done: 0, total: 1 };
    if (entry?.status === "running" && done / total >= part && done < total) return true;
    await pause(lookEveryMs);
  }
  return false;
}

async function crashOnce(ground: CrashGround, crash: Crash): Promise<DrillResult> {
  ground.say(`crash: ${crash.name}`);
  let answer: DoorAnswer | undefined;
  const attempt = ground.setup().then((given) => {
    answer = given;
  });
  const met = await untilInTheMiddle(ground, crash, () => answer !== undefined);
  const killed = met ? await killAll(ground.machine, await processesOf(ground.machine, crash.kills)) : [];
  await attempt;
  // A door that lost its server says so; one that was killed says nothing. Neither may call that an installation.
  const told = crash.kills.includes("door") ? answer?.exit !== 0 : answer?.exit === 1 && answer.json !== undefined;
  const orphans = await lookupBuilders(ground.machine);
  return {
    name: crash.name,
    held: met && killed.includes("server") && told && orphans.length === 0,
    says: met
      ? `Killed ${killed.join(", ")}; the door ended with ${answer?.exit}${answer?.json ? ` and said ${saidBy(answer.json)}` : ""}${orphans.length > 0 ? `; still there: ${orphans.join(", ")}` : ""}.`
      : `The step ${crash.step} was not met in its middle: ${JSON.stringify(answer).slice(0, 500)}`,
  };
}

function saidBy(json: Record<string, unknown>): string {
  const { problem } = json as { problem?: { says?: string } };
  return problem?.says ? `"${problem.says}"` : JSON.stringify(json).slice(0, 200);
}

const orphanGoesWithinMs = 10_000;

/** The child that computes the lookup must not outlive the server that it computes for. */
async function lookupBuilders(machine: Machine): Promise<string[]> {
  const deadline = Date.now() + orphanGoesWithinMs;
  for (;;) {
    const found = (await machine.processes()).filter(
      (one) => kindOf(one) === "other" && /python.*lookup/i.test(one.command),
    );
    if (found.length === 0 || Date.now() > deadline) return found.map(({ command }) => command.slice(0, 120));
    await pause(100);
  }
}

/** Kills an installation in its middle again and again; the last attempt is let through and must come to the same end. */
export async function installThroughCrashes(
  ground: CrashGround,
): Promise<{ results: DrillResult[]; setup: DoorAnswer }> {
  const results: DrillResult[] = [];
  for (const crash of crashes) results.push(await crashOnce(ground, crash));
  ground.say("the last attempt is let through");
  const setup = await ground.setup();
  results.push({
    name: "the attempt after the crashes",
    held: setup.exit === 0,
    says: `It ended with ${setup.exit} and said ${saidBy(setup.json ?? {})}.`,
  });
  results.push(await nothingDoubled(ground));
  return { results, setup };
}

/** Every text in a receipt, with the step that it belongs to. Pure. */
function madeThings(owed: readonly Debt[]): string[] {
  const texts = (value: unknown): string[] =>
    typeof value === "string" ? [value] : value && typeof value === "object" ? Object.values(value).flatMap(texts) : [];
  // The receipts of the lookup name the archive that each attempt read, which is no thing that was made.
  return owed
    .filter(({ stepId }) => stepId !== "build-probability-lookup")
    .flatMap(({ stepId, receipt }) => texts(receipt).map((text) => `${stepId}: ${text}`));
}

const twice = (things: readonly string[]) => [
  ...new Set(things.filter((thing, index) => things.indexOf(thing) !== index)),
];

/** After all these attempts there is one of everything: processes, rows, and things that the receipts say were made. */
async function nothingDoubled(ground: CrashGround): Promise<DrillResult> {
  const name = "nothing is doubled after the crashes";
  const { machine, world } = ground;
  const one = async (kind: Kind) => (await processesOf(machine, [kind])).length;
  const faults: string[] = [];
  for (const kind of ["server", "keeper", "supervisord"] as const) {
    const found = await one(kind);
    if (found !== 1) faults.push(`${found} processes ${kind}`);
  }
  const postmasters = (await processesOf(machine, ["postgres"])).filter(({ command }) => command.includes(" -D "));
  if (postmasters.length !== 1) faults.push(`${postmasters.length} PostgreSQL servers`);
  // With its arguments: one script watches the prices of two coins.
  const programs = (await processesOf(machine, ["program"])).map(({ args }) => args.slice(1).join(" "));
  faults.push(...twice(programs).map((script) => `${script} runs twice`));

  const counted = async (what: string, wanted: number) => {
    const [row] = await world.postgres.query<{ n: number }>("installer", `select count(*)::int as n from ${what}`);
    if (row?.n !== wanted) faults.push(`${row?.n} rows in ${what} instead of ${wanted}`);
  };
  await counted("users.user_info_0001", 1);
  await counted("users.auto_trade_settings_0001", 1);
  await counted("users.trade_preferences_0001", 1);
  await counted("users.trade_history_preferences_0001", 1);
  await counted("order_lock.permit", 1);
  await counted("pg_roles where rolname in ('rec_io_setup', 'rec_io_user')", 2);
  await counted("pg_trigger where tgname = 'zz_order_lock'", 1);
  await counted("pg_class where relkind = 'r' and relname ~ '^probability_lookup_btc.+'", 0);

  const states = await allRuns(ground);
  faults.push(...twice(madeThings(debts(states))).map((thing) => `receipted twice: ${thing}`));
  return { name, held: faults.length === 0, says: faults.join("; ") || "One of everything." };
}

async function allRuns({ paths }: CrashGround): Promise<RunState[]> {
  const runs = (await askServer(paths.controlSocket, "runs", {})) ?? [];
  const states = await Promise.all(runs.map(({ runId }) => askServer(paths.controlSocket, "run-state", { runId })));
  return states.filter((state) => state !== undefined);
}

const backWithinMs = 90_000;

/** A power cut after "installed": everything is gone at once. `npm start` alone must bring it back, proven. */
export async function powerCut(ground: CrashGround): Promise<DrillResult> {
  const name = "power cut after installed: npm start";
  ground.say(`crash: ${name}`);
  const before = await ground.health();
  const killed = await killAll(ground.machine, await processesOf(ground.machine, everything));
  const left = await processesOf(ground.machine, everything);
  const started = performance.now();
  const page = await ground.door("start", []);
  let seen = await ground.health();
  while (seen.status !== 200 && performance.now() - started < backWithinMs) {
    await pause(200);
    seen = await ground.health();
  }
  const tookMs = Math.round(performance.now() - started);
  const doctor = await ground.door("doctor", []);
  const facts = [
    `before ${before.status}`,
    `killed ${killed.length}, ${left.length} left`,
    `start ended with ${page.exit}`,
    `it said ${page.json?.installed ? "installed" : saidBy(page.json ?? {})}`,
    `the page says ${seen.status}`,
    `doctor ended with ${doctor.exit}`,
    ...seen.report.reasons.installed.slice(0, 3),
  ];
  const held =
    before.status === 200 &&
    left.length === 0 &&
    page.exit === 0 &&
    page.json?.installed === true &&
    page.json?.broughtBack === true &&
    seen.status === 200 &&
    doctor.exit === 0;
  return { name, held, says: `${facts.join("; ")}.`, ...(seen.status === 200 ? { mendedAfterMs: tookMs } : {}) };
}
