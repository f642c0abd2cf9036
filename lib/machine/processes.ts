import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { ExecResult, ProcessFacts } from "./machine.ts";

const onLinux = process.platform === "linux";

/** State letter and process group from /proc/<pid>/stat; the name in it may hold blanks and brackets. Pure. */
export function parseStat(stat: string): { state: string; group: number } | undefined {
  const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === undefined || group === undefined) return undefined;
  return { state, group: Number(group) };
}

/**
 * What reading something below /proc gives, or undefined where its process has ended or belongs to another user. The
 * kernel answers at once, and a way through the thread pool would cost ten times as much.
 */
export function fromKernel<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function statOf(pid: number | string): { state: string; group: number } | undefined {
  return parseStat(fromKernel(() => readFileSync(`/proc/${pid}/stat`, "utf8")) ?? "");
}

/** The state letter of a process ("R", "S", "Z", …), or undefined where there is none. */
export async function processState(pid: number): Promise<string | undefined> {
  if (onLinux) return statOf(pid)?.state;
  try {
    process.kill(pid, 0);
    return "S";
  } catch (thrown) {
    // The process of another user is there, although we may not signal it.
    return (thrown as NodeJS.ErrnoException).code === "EPERM" ? "S" : undefined;
  }
}

/** The ids of all processes, as text. Linux only. */
export function processIds(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

/** True while a process group holds a process that is not a zombie. */
export async function groupHasLife(group: number): Promise<boolean> {
  if (!onLinux) return true;
  for (const pid of processIds()) {
    const stat = statOf(pid);
    if (stat?.group === group && stat.state !== "Z" && stat.state !== "X") return true;
  }
  return false;
}

type Exec = (program: string, args: readonly string[]) => Promise<ExecResult>;

/** Every process with its command line. Kernel threads and processes that just ended have none and are left out. */
export async function listProcesses(exec: Exec): Promise<ProcessFacts[]> {
  if (!onLinux) return parsePs((await exec("ps", ["-axww", "-o", "pid=,command="])).stdout);
  return processIds().flatMap((pid): ProcessFacts[] => {
    const raw = fromKernel(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "";
    if (raw === "") return [];
    const args = raw.replace(/\0$/, "").split("\0");
    const folder = fromKernel(() => readlinkSync(`/proc/${pid}/cwd`));
    return [{ pid: Number(pid), command: args.join(" "), args, ...(folder === undefined ? {} : { folder }) }];
  });
}

/** Reads `ps -axww -o pid=,command=`, which does not tell arguments apart. Pure. */
export function parsePs(text: string): ProcessFacts[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(.+)$/.exec(line);
    if (!match?.[1] || !match[2]) return [];
    return [{ pid: Number(match[1]), command: match[2], args: match[2].split(" ") }];
  });
}
