import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";

/** What a process has cost so far. CPU in milliseconds, with the children that it has waited for; memory in bytes. */
export interface ProcessCost {
  pid: number;
  ownCpuMs: number;
  childrenCpuMs: number;
  rssBytes: number;
}

/** Linux counts in hundredths of a second, on every architecture that Node runs on. */
const msPerTick = 10;

/** Reads utime, stime, cutime and cstime from /proc/<pid>/stat; the name in it may hold blanks and brackets. Pure. */
export function parseCpu(stat: string): { ownCpuMs: number; childrenCpuMs: number } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = (index: number) => Number(fields[index] ?? 0) * msPerTick;
  return { ownCpuMs: ticks(11) + ticks(12), childrenCpuMs: ticks(13) + ticks(14) };
}

/** Resident memory from /proc/<pid>/status. Pure. */
export function parseRss(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** What a process has cost until now, or undefined where it has ended. */
export async function costOf(machine: Pick<Machine, "files">, pid: number): Promise<ProcessCost | undefined> {
  const read = (name: string) => machine.files.read(`/proc/${pid}/${name}`).catch(() => undefined);
  const [stat, status] = [await read("stat"), await read("status")];
  if (stat === undefined || status === undefined) return undefined;
  return { pid, ...parseCpu(stat), rssBytes: parseRss(status) };
}

/** Parents by process, to find everything beneath one. */
export async function descendantsOf(machine: Machine, root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const { pid } of await machine.processes()) {
    const stat = await machine.files.read(`/proc/${pid}/stat`).catch(() => undefined);
    if (stat) parents.set(pid, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const beneath = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === root || beneath(parent));
  };
  return [...parents.keys()].filter(beneath);
}

/** @throws Problem where there is no /proc to read. */
export function needsLinux(): void {
  if (process.platform === "linux") return;
  throw new Problem({
    code: "bench.needs-linux",
    says: "This figure is read from /proc, which only Linux has.",
    remedy: sentence("Measure it on Linux."),
  });
}
