import { existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem, userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import type { MachineFacts } from "./machine.ts";
import { fromKernel } from "./processes.ts";

/** PRETTY_NAME of /etc/os-release. Pure. */
export function parseOsRelease(text: string): string | undefined {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1];
}

/** Bytes of one line of /proc/meminfo, which counts in kB. Pure. */
export function parseMemInfo(text: string, name: string): number | undefined {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** Where each system keeps its package manager; the second program is the one that is asked what is installed. */
const packageTools = [
  ["apt", ["/usr/bin/apt-get", "/usr/bin/dpkg-query"]],
  ["dnf", ["/usr/bin/dnf", "/usr/bin/rpm"]],
  ["brew", ["/opt/homebrew/bin/brew"]],
  ["brew", ["/usr/local/bin/brew"]],
] as const;

/** The package manager of this machine. A brew on Linux stands behind the system's own. */
export function packageTool(): MachineFacts["packageTool"] {
  return packageTools.find(([, programs]) => programs.every((program) => existsSync(program)))?.[0] ?? "none";
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run a user id that no account belongs to.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

/** What this machine is. Memory is what this process may use, which a container may have made less than there is. */
export async function machineFacts(): Promise<MachineFacts> {
  const memory = fromKernel(() => readFileSync("/proc/meminfo", "utf8")) ?? "";
  const release = fromKernel(() => readFileSync("/etc/os-release", "utf8")) ?? "";
  const whole = parseMemInfo(memory, "MemTotal") ?? totalmem();
  const constrained = process.constrainedMemory();
  const memoryBytes = constrained > 0 ? Math.min(whole, constrained) : whole;
  return {
    platform: process.platform,
    system: parseOsRelease(release) ?? process.platform,
    packageTool: packageTool(),
    root: process.getuid?.() === 0,
    user: userName(),
    cores: availableParallelism(),
    memoryBytes,
    memoryFreeBytes: Math.min(parseMemInfo(memory, "MemAvailable") ?? memoryBytes, memoryBytes),
  };
}

/** Free bytes for this user on the file system that holds the path or its nearest existing parent. */
export async function freeBytes(path: string): Promise<number> {
  for (let place = resolve(path); ; place = dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code;
      if ((code !== "ENOENT" && code !== "ENOTDIR") || place === dirname(place)) throw thrown;
    }
  }
}
