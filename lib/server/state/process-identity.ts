import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";

/** A process that cannot be mistaken for a later one with the same number. */
export const processIdentity = z.object({ pid: z.number().int().positive(), began: z.string() });
export type ProcessIdentity = z.infer<typeof processIdentity>;

/**
 * When a process began, as a text that only that process has: boot and start ticks on Linux, the start date elsewhere.
 * Undefined where there is no such process, or only its zombie.
 */
export function beganAt(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name in parentheses may hold blanks and parentheses: fields are counted from the last one.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z" || fields[0] === "X") return undefined;
      return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fields[19]}`;
    } catch {
      return undefined;
    }
  }
  try {
    const line = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
  } catch {
    return undefined;
  }
}

/** The identity of a process that runs. @throws Error where it does not. */
export function identityOf(pid: number): ProcessIdentity {
  const began = beganAt(pid);
  if (began === undefined) throw new Error(`process ${pid} is not there`);
  return { pid, began };
}

/** True while this very process runs; a later process with the same number is another one. */
export function stillRuns({ pid, began }: ProcessIdentity): boolean {
  return beganAt(pid) === began;
}
