import type { ProgramFacts } from "../checkout/checkout.ts";
import { Problem, sentence } from "../problem.ts";
import type { World } from "../world.ts";
import { type Condition, conditionOf } from "./programs/conditions.ts";
import { spanOfTime } from "./programs/span-of-time.ts";
import type { ProgramState } from "./supervisor.ts";

type Needs = Pick<World, "supervisor" | "machine" | "postgres">;
type Started = Pick<ProgramFacts, "name" | "port">;

/** Whether a program shows what it is there for, in one sentence. */
export interface Readiness {
  ready: boolean;
  says: string;
}

/** A program that is being waited for, with what stood in the database before it was started. */
export interface Waiting {
  program: Started;
  condition: Condition;
  before: string | null;
}

const pollMs = 250;
/** So long a program must have been up without a break to count as stable. */
const stableAfterMs = 3_000;

async function newest({ postgres }: Needs, condition: Condition): Promise<string | null> {
  if (condition.kind !== "writes") return null;
  const [row] = await postgres.query<{ newest: string | null }>("app", condition.sql);
  return row?.newest ?? null;
}

/** Looks at what there is before a program is started, so that its own doing can be told from what was there. */
export async function beforeStart(world: Needs, program: Started): Promise<Waiting> {
  const condition = conditionOf(program);
  return { program, condition, before: await newest(world, condition) };
}

/** True where this program makes its condition true by itself, with no exchange and no price feed. */
export function dependsOnItself(waiting: Waiting): boolean {
  return waiting.condition.kind !== "writes" || waiting.condition.dependsOn === "itself";
}

async function look(world: Needs, { program, condition, before }: Waiting): Promise<Readiness> {
  const { name, port } = program;
  const now = (await world.supervisor.programs()).find((one) => one.name === name);
  if (now?.state !== "RUNNING") return { ready: false, says: `${name} is ${now?.state ?? "unknown to supervisord"}` };
  if (condition.kind === "stays") {
    const up = Date.now() - (now.startedAt ?? Date.now());
    return { ready: up >= stableAfterMs, says: `${name} is up for ${spanOfTime(up)}` };
  }
  if (condition.kind === "writes") {
    const value = await newest(world, condition);
    if (value !== null && value !== before) return { ready: true, says: `${name} wrote ${condition.what}` };
    return { ready: false, says: `${name} has not written ${condition.what} yet` };
  }
  const holders = (await world.machine.listeners()).filter((holder) => holder.port === port);
  const own = holders.find((holder) => holder.pid === undefined || holder.pid === now.pid);
  if (own) return { ready: true, says: `${name} listens on ${own.address}:${port}` };
  const [other] = holders;
  const held = other ? `port ${port} is held by ${other.program ?? "process"} ${other.pid ?? ""}`.trim() : "";
  return { ready: false, says: held ? `${name} cannot listen: ${held}` : `${name} does not listen on ${port} yet` };
}

/** Waits until a program shows what it is there for, at most `patienceMs`; returns the last look either way. */
export async function waitUntilReady(
  world: Needs,
  waiting: Waiting,
  { patienceMs, signal }: { patienceMs: number; signal: AbortSignal },
): Promise<Readiness> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    signal.throwIfAborted();
    const seen = await look(world, waiting);
    if (seen.ready || Date.now() > deadline) return seen;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** A program that did not become ready, with its exit status and the last lines of both logs. */
export async function notReady(world: Needs, program: string, says: string): Promise<Problem> {
  const [err, out, states] = await Promise.all([
    world.supervisor.tail(program, "err", 5),
    world.supervisor.tail(program, "out", 5),
    world.supervisor.programs(),
  ]);
  const now = states.find(({ name }) => name === program);
  const exit = now?.exitStatus === undefined ? [] : [`exit status ${now.exitStatus}`];
  const lines = [...exit, ...err.map((line) => `err: ${line}`), ...out.map((line) => `out: ${line}`)];
  return new Problem({
    code: "services.not-ready",
    says: `${says}.`,
    remedy: sentence(`Read the log of ${program}, mend what its last lines name, and start the services again.`),
    evidence: { asked: `is ${program} ready?`, cameBack: lines.join("\n") || "both logs are empty" },
  });
}

/**
 * Waits until all these programs are up for a while without a break: system_monitor must not see one that is down.
 * @throws Problem `services.not-ready`, naming the first that does not stay up.
 */
export async function waitUntilStable(
  world: Needs,
  programs: readonly Started[],
  { patienceMs, signal }: { patienceMs: number; signal: AbortSignal },
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  const stable = (now: ProgramState | undefined) =>
    now?.state === "RUNNING" && now.startedAt !== undefined && Date.now() - now.startedAt >= stableAfterMs;
  for (;;) {
    signal.throwIfAborted();
    const states = await world.supervisor.programs();
    const shaky = programs.find(({ name }) => !stable(states.find((one) => one.name === name)));
    if (!shaky) return;
    if (Date.now() > deadline) throw await notReady(world, shaky.name, `${shaky.name} does not stay up`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
