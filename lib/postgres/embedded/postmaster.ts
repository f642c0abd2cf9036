import { join } from "node:path";
import type { Machine } from "../../machine/machine.ts";

/** What the server itself writes about itself into postmaster.pid. */
export interface Postmaster {
  pid: number;
  port: number;
  socketFolder: string;
  /** True once it takes connections. */
  ready: boolean;
}

/** Reads the lines of postmaster.pid: pid, data folder, start time, port, socket folder, address, shared memory, state. Pure. */
export function parsePostmaster(text: string): Postmaster | undefined {
  const lines = text.split("\n").map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), socketFolder: lines[4] ?? "", ready: lines[7] === "ready" };
}

/**
 * The server that runs on this data folder, or undefined. A file that was left behind names a process that is gone, or,
 * since process ids come round again, one that is not this server.
 */
export async function runningPostmaster(machine: Machine, data: string): Promise<Postmaster | undefined> {
  const found = parsePostmaster((await machine.files.read(join(data, "postmaster.pid"))) ?? "");
  if (!found || !(await machine.alive(found.pid))) return undefined;
  const process = (await machine.processes()).find(({ pid }) => pid === found.pid);
  return process?.command.includes(data) ? found : undefined;
}

/**
 * Removes a postmaster.pid whose process id has meanwhile been given to somebody else: PostgreSQL would take that
 * process for a running server. A file whose process is gone stays: PostgreSQL itself then makes sure that no orphan
 * still uses the shared memory.
 */
export async function removeStalePidFile(machine: Machine, data: string): Promise<boolean> {
  const path = join(data, "postmaster.pid");
  const found = parsePostmaster((await machine.files.read(path)) ?? "");
  if (!found || !(await machine.alive(found.pid)) || (await runningPostmaster(machine, data))) return false;
  await machine.files.remove(path);
  return true;
}
