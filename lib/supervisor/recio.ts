import type { ProgramFacts } from "../checkout/checkout.ts";
import { isProblem, Problem, sentence } from "../problem.ts";
import { beforeStopSentences, type OpenTrade, openTrades } from "./programs/open-trades.ts";
import { beforeStart, dependsOnItself, notReady, waitUntilReady, waitUntilStable } from "./readiness.ts";
import { inSafeOrder, monitorProgram } from "./safe-order.ts";
import { type ServiceJob, type ServiceNeeds, startServices, stopServices } from "./services.ts";
import type { ProgramState } from "./supervisor.ts";

const oneReadyWithinMs = 30_000;

/** What `npm run recio -- status` shows: every program that should run, and what it is. */
export interface RecioStatus {
  daemon?: number;
  programs: ProgramState[];
}

/** The state of every supervised program; those that supervisord does not know are "UNKNOWN". Needs no running daemon. */
export async function recioStatus(world: Pick<ServiceNeeds, "supervisor" | "checkout">): Promise<RecioStatus> {
  const wanted = inSafeOrder(await world.checkout.supervised());
  const daemon = await world.supervisor.daemon();
  if (daemon === undefined) return { programs: wanted.map(({ name }) => ({ name, state: "STOPPED" })) };
  const states = await world.supervisor.programs();
  return {
    daemon,
    programs: wanted.map(({ name }) => states.find((one) => one.name === name) ?? { name, state: "UNKNOWN" }),
  };
}

async function supervisedProgram(world: ServiceNeeds, name: string) {
  const programs = await world.checkout.supervised();
  const found = programs.find((program) => program.name === name);
  if (found) return found;
  throw new Problem({
    code: "services.program-unknown",
    says: `REC.IO has no supervised program ${name}.`,
    remedy: sentence(`Name one of ${programs.map((program) => program.name).join(", ")}.`),
  });
}

/** After a reboot our own PostgreSQL is down as well, and no program can start without it. Another server is not ours to start. */
async function startDatabase({ postgres }: Pick<ServiceNeeds, "postgres">, job: ServiceJob): Promise<void> {
  if (postgres.target.kind !== "embedded" || (await postgres.embedded.status()).state !== "stopped") return;
  await postgres.embedded.start(job.log);
  // Connections from before the stop are dead without knowing it.
  await postgres.forget();
}

/**
 * Starts REC.IO in the safe order, the embedded PostgreSQL and supervisord included: also the way back after a reboot.
 * With a name it starts that program alone; the monitor is held down meanwhile and comes back if it ran.
 */
export async function startRecio(world: ServiceNeeds, job: ServiceJob, program?: string): Promise<void> {
  await startDatabase(world, job);
  await world.supervisor.startDaemon();
  if (program === undefined) return startServices(world, job);
  const wanted = await supervisedProgram(world, program);
  if (wanted.name === monitorProgram) {
    // The monitor may not see a program that is down, so "start the monitor" is "start what is missing, then it".
    return startServices(world, job);
  }
  await withoutMonitor(world, job, () => startOne(world, job, wanted));
}

async function startOne(world: ServiceNeeds, job: ServiceJob, wanted: ProgramFacts): Promise<void> {
  const waiting = await beforeStart(world, wanted);
  await world.supervisor.start(wanted.name);
  const seen = await waitUntilReady(world, waiting, { patienceMs: oneReadyWithinMs, signal: job.signal });
  job.log(`${seen.says}.`);
  if (!seen.ready && dependsOnItself(waiting)) throw await notReady(world, wanted.name, seen.says);
  await waitUntilStable(world, [wanted], { patienceMs: oneReadyWithinMs, signal: job.signal });
}

/** Runs work while system_monitor is down; afterwards it is started again if it had run and everything else is up. */
async function withoutMonitor(world: ServiceNeeds, job: ServiceJob, work: () => Promise<void>): Promise<void> {
  const state = (await world.supervisor.programs()).find(({ name }) => name === monitorProgram)?.state;
  const ran = state === "RUNNING" || state === "STARTING";
  if (ran) await world.supervisor.stop(monitorProgram);
  await work();
  if (!ran) return;
  const others = (await world.checkout.supervised()).filter(({ name }) => name !== monitorProgram);
  const states = await world.supervisor.programs();
  const down = others.find(({ name }) => states.find((one) => one.name === name)?.state !== "RUNNING");
  if (down) {
    job.log(`${monitorProgram} stays stopped, because ${down.name} does not run.`);
    return;
  }
  await waitUntilStable(world, others, { patienceMs: oneReadyWithinMs, signal: job.signal });
  await world.supervisor.start(monitorProgram);
  job.log(`${monitorProgram} runs again.`);
}

/**
 * Stops REC.IO in the reverse order; supervisord stays. With a name it stops that program, and system_monitor with it:
 * the monitor would start the program again within 15 s and switch automated trading off and on.
 * The door that calls shows {@link tradesBeforeStop} first.
 */
export async function stopRecio(world: ServiceNeeds, job: ServiceJob, program?: string): Promise<void> {
  if ((await world.supervisor.daemon()) === undefined) {
    job.log("supervisord does not run, so nothing is to be stopped.");
    return;
  }
  if (program === undefined) {
    const names = (await world.supervisor.programs()).map(({ name }) => name);
    return stopServices(world, names, job.log);
  }
  const { name } = await supervisedProgram(world, program);
  if (name !== monitorProgram) job.log(`${monitorProgram} is stopped as well: it would start ${name} again.`);
  await stopServices(world, [name, monitorProgram], job.log);
}

/** Stops and starts in the safe order; with a name that program alone, the monitor held down meanwhile. */
export async function restartRecio(world: ServiceNeeds, job: ServiceJob, program?: string): Promise<void> {
  if (program === undefined || program === monitorProgram) {
    await stopRecio(world, job, program);
    return startRecio(world, job, program);
  }
  const wanted = await supervisedProgram(world, program);
  await startDatabase(world, job);
  await world.supervisor.startDaemon();
  await withoutMonitor(world, job, async () => {
    await world.supervisor.stop(wanted.name);
    await startOne(world, job, wanted);
  });
}

/** Stops some programs and starts them again, each in the safe order, while the monitor is held down. */
export async function restartPrograms(world: ServiceNeeds, job: ServiceJob, names: readonly string[]): Promise<void> {
  const wanted = inSafeOrder((await world.checkout.supervised()).filter(({ name }) => names.includes(name)));
  await startDatabase(world, job);
  await world.supervisor.startDaemon();
  await withoutMonitor(world, job, async () => {
    for (const { name } of [...wanted].reverse()) await world.supervisor.stop(name);
    for (const program of wanted) await startOne(world, job, program);
  });
}

/**
 * The sentences that a person must have read before a stop or restart, and the open trades themselves. Where the
 * database does not tell, that is said: not knowing is not "none".
 */
export async function tradesBeforeStop(
  world: Pick<ServiceNeeds, "postgres">,
): Promise<{ trades: OpenTrade[] | "unknown"; says: string[] }> {
  try {
    const trades = await openTrades(world);
    return { trades, says: beforeStopSentences(trades) };
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return { trades: "unknown", says: [`Whether trades are open is not known: ${thrown.says}`] };
  }
}
