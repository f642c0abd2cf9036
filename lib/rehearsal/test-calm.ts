import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Linux counts processor time in hundredths of a second, on every architecture that Node runs on. */
const tickMs = 10;
const lookEveryMs = 1_000;
/** Where others have more than this of the machine, they take it from what is measured. */
const calmShare = 0.25;
/** So much longer than its processor time a piece of work may take where only what is measured runs beside it. */
const calmWait = 1.5;
/** Where nearly everything is taken there is no telling any more how much longer it takes. */
const mostTimes = 6;

interface Process {
  parent: number;
  command: string;
  /** Its own processor time and that of its children that ended, in ticks. */
  ticks: number;
}

function processes(): Map<number, Process> {
  const found = new Map<number, Process>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      // The name of the program may hold blanks and brackets; the numbers come after its last bracket.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
      found.set(Number(name), { parent: Number(fields[1]), command, ticks });
    } catch {
      // It ended between the list and the look.
    }
  }
  return found;
}

/**
 * Processor time of everything that names the folder or descends from what does, and of this process with all that it
 * started, in ticks. What a child has used moves to its parent when it ends.
 */
export function ownTicks(folder: string): number {
  const all = processes();
  const isOwn = (pid: number, depth = 0): boolean => {
    const one = all.get(pid);
    if (!one || depth > 20) return false;
    return pid === process.pid || one.command.includes(folder) || isOwn(one.parent, depth + 1);
  };
  return [...all].reduce((sum, [pid, { ticks }]) => (isOwn(pid) ? sum + ticks : sum), 0);
}

/** Processor time of the whole machine that was used and not idle, in ticks. */
function busyTicks(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, soft = 0, steal = 0] = readFileSync("/proc/stat", "utf8")
    .split("\n", 1)[0]
    ?.split(/\s+/)
    .map(Number) ?? [0];
  return user + nice + system + irq + soft + steal;
}

/** A fixed piece of work, some 10 ms of a core: how long it took by the clock, and how much of a core it got, in ms. */
function pieceOfWork(): { clockMs: number; coreMs: number } {
  const begun = performance.now();
  const before = process.cpuUsage();
  let mixed = 1;
  for (let round = 0; round < 8_000_000; round++) mixed = (mixed * 31 + round) | 0;
  const { user, system } = process.cpuUsage(before);
  return { clockMs: performance.now() - begun + (mixed === 0 ? 1e-9 : 0), coreMs: (user + system) / 1000 };
}

/** How busy others kept the machine while something was measured. */
export interface Calm {
  /** From 0 to 1: the part of all cores that was not ours; 0 where the system does not tell. */
  others: number;
  /** How many times longer than its processor time a small piece of work took. */
  wait: number;
  /** How many times the promised time is fair: 1 on a calm machine, and what the others left on a busy one. */
  times: number;
}

/** What is fair where others had this share of the machine, and a piece of work waited so long. Pure. */
export function fairTimes(others: number, wait: number): number {
  const left = others <= calmShare ? 1 : 1 / Math.max(0.01, 1 - others);
  return Math.min(mostTimes, Math.max(left, wait <= calmWait ? 1 : wait));
}

/**
 * Measures, from now on, how much of the machine others use: what was promised holds for a machine that does nothing
 * else, and a test that runs beside others must know whether that is so. What belongs to the test is what names this
 * folder, what descends from it, and the test itself.
 * @returns ends the measuring and tells what was seen
 */
export function watchCalm(folder: string): () => Calm {
  const linux = process.platform === "linux";
  const begunAt = performance.now();
  const busyAtFirst = linux ? busyTicks() : 0;
  let last = linux ? ownTicks(folder) : 0;
  let ours = 0;
  const work = { clockMs: 0, coreMs: 0 };
  const look = () => {
    const { clockMs, coreMs } = pieceOfWork();
    work.clockMs += clockMs;
    work.coreMs += coreMs;
    if (!linux) return;
    const now = ownTicks(folder);
    ours += Math.max(0, now - last);
    last = now;
  };
  look();
  const clock = setInterval(look, lookEveryMs);
  return () => {
    clearInterval(clock);
    look();
    const allMs = (performance.now() - begunAt) * cpus().length;
    const foreign = linux ? ((busyTicks() - busyAtFirst - ours) * tickMs) / allMs : 0;
    const others = Math.min(1, Math.max(0, foreign));
    const wait = Math.max(1, work.clockMs / Math.max(1, work.coreMs));
    return { others, wait, times: fairTimes(others, wait) };
  };
}
