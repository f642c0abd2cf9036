import type { ProgramFacts } from "../checkout/checkout.ts";
import type { World } from "../world.ts";
import { beforeStart, dependsOnItself, notReady, type Waiting, waitUntilReady, waitUntilStable } from "./readiness.ts";
import { inSafeOrder, monitorProgram } from "./safe-order.ts";

export type ServiceNeeds = Pick<World, "supervisor" | "machine" | "postgres" | "checkout">;

export interface ServiceJob {
  signal: AbortSignal;
  log(line: string): void;
  /** Called after each program: how many of how many are up. */
  progress?(done: number, total: number, name: string): void;
  /** Called as soon as a program was started by us. */
  started?(name: string): Promise<void>;
}

/** A Flask or FastAPI program needs 3 to 4 s to listen on two busy cores; the rest is for slower machines. */
const listensWithinMs = 30_000;
/** What comes from outside is waited for together, after all were started, and its absence holds nothing up. */
const outsideWithinMs = 15_000;
/** The monitor looks at 12 programs with 24 calls of supervisorctl before it writes its first record. */
const monitorWritesWithinMs = 150_000;
const stableWithinMs = 30_000;

/** A program that is up now, and whether that is our doing. */
interface Up {
  waiting: Waiting;
  ranAlready: boolean;
}

async function startOne(world: ServiceNeeds, program: ProgramFacts, job: ServiceJob): Promise<Up> {
  const waiting = await beforeStart(world, program);
  const ranAlready = (await world.supervisor.programs()).find(({ name }) => name === program.name)?.state === "RUNNING";
  if (!ranAlready) {
    await world.supervisor.start(program.name);
    await job.started?.(program.name);
  }
  return { waiting, ranAlready };
}

async function mustBecomeReady(world: ServiceNeeds, waiting: Waiting, patienceMs: number, job: ServiceJob) {
  const seen = await waitUntilReady(world, waiting, { patienceMs, signal: job.signal });
  if (!seen.ready) throw await notReady(world, waiting.program.name, seen.says);
  job.log(`${seen.says}.`);
}

/**
 * Starts every supervised program that does not run yet, in the safe order. A program whose condition is in its own
 * hands must fulfil it before the next is started; one that waits for the exchange or a feed only has to stay up, and
 * what has not come is logged. system_monitor is started last, when all others are stable; until then it is kept down,
 * so that it never sees a program that is about to come.
 * @throws Problem `supervisor.program-does-not-start` or `services.not-ready`, with the last log lines.
 */
export async function startServices(world: ServiceNeeds, job: ServiceJob): Promise<void> {
  const programs = inSafeOrder(await world.checkout.supervised());
  const states = await world.supervisor.programs();
  const runs = (name: string) => states.find((one) => one.name === name)?.state === "RUNNING";
  const monitor = programs.find(({ name }) => name === monitorProgram);
  const others = programs.filter(({ name }) => name !== monitorProgram);
  if (monitor && runs(monitor.name) && !others.every(({ name }) => runs(name))) {
    await world.supervisor.stop(monitor.name);
    job.log(`${monitor.name} is stopped until the others are up.`);
  }
  const fromOutside: Waiting[] = [];
  let done = 0;
  for (const program of others) {
    job.signal.throwIfAborted();
    const { waiting, ranAlready } = await startOne(world, program, job);
    if (dependsOnItself(waiting)) await mustBecomeReady(world, waiting, listensWithinMs, job);
    // What ran before has written before: whoever repairs one program does not wait for the next balance of another.
    else if (!ranAlready) fromOutside.push(waiting);
    done += 1;
    job.progress?.(done, programs.length, program.name);
  }
  const deadline = Date.now() + outsideWithinMs;
  for (const waiting of fromOutside) {
    const patienceMs = Math.max(0, deadline - Date.now());
    const seen = await waitUntilReady(world, waiting, { patienceMs, signal: job.signal });
    job.log(`${seen.says}${seen.ready ? "" : "; it waits for what comes from outside"}.`);
  }
  await waitUntilStable(world, others, { patienceMs: stableWithinMs, signal: job.signal });
  if (monitor) {
    const { waiting } = await startOne(world, monitor, job);
    await mustBecomeReady(world, waiting, monitorWritesWithinMs, job);
    job.progress?.(programs.length, programs.length, monitor.name);
  }
}

/**
 * Stops programs in the reverse of the safe order: system_monitor first, so that it does not take the stop of the others
 * for a failure. Unknown names are left alone: they are not ours.
 */
export async function stopServices(
  world: Pick<World, "supervisor">,
  names: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  const known = new Set((await world.supervisor.programs()).map(({ name }) => name));
  for (const { name } of inSafeOrder(names.filter((one) => known.has(one)).map((one) => ({ name: one }))).reverse()) {
    await world.supervisor.stop(name);
    log(`${name} is stopped.`);
  }
}
