import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { access, stat } from "node:fs/promises";
import { basename, delimiter, isAbsolute, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Problem, sentence } from "../problem.ts";
import { childEnvironment } from "../settings.ts";
import type { DetachedOptions, ExecOptions, ExecResult } from "./machine.ts";
import { groupHasLife, processState } from "./processes.ts";

/** How much of each stream is kept: the end of it, where errors stand. */
const keptBytes = 256 * 1024;
const defaultTimeoutMs = 60_000;
/** A child that ended may have left its streams to a daemon; after this long its output counts as complete. */
const streamsGraceMs = 500;

/** Folders that hold administrators' programs and that a plain user's PATH often lacks. */
const furtherFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/opt/homebrew/bin"];

/** Full path of a program on `path` or in the usual folders behind it; an absolute name is only checked. */
export async function findProgram(program: string, path = childEnvironment().PATH ?? ""): Promise<string | undefined> {
  const folders = [...path.split(delimiter).filter(isAbsolute), ...furtherFolders];
  const candidates = isAbsolute(program) ? [program] : folders.map((folder) => join(folder, program));
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      if ((await stat(candidate)).isFile()) return candidate;
    } catch {
      // This folder does not hold it; the next one may.
    }
  }
  return undefined;
}

async function programOrProblem(program: string, env: Record<string, string>): Promise<string> {
  const found = await findProgram(program, env.PATH);
  if (found) return found;
  const name = basename(program);
  throw new Problem({
    code: "machine.program-missing",
    says: `${name} is not on this machine.`,
    remedy: sentence(`Install ${name} and try again.`),
    evidence: { asked: program, cameBack: "no executable file of that name" },
  });
}

async function checkFolder(folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  const facts = await stat(folder).catch(() => undefined);
  if (facts?.isDirectory()) return;
  throw new Problem({
    code: "machine.folder-missing",
    says: `The folder ${folder} does not exist.`,
    remedy: sentence(`Make the folder ${folder}, or name another one.`),
  });
}

/** Next's types demand a NODE_ENV of every environment; a child of ours gets none. */
function whole(env: Record<string, string>): NodeJS.ProcessEnv {
  return env as NodeJS.ProcessEnv;
}

/** Sends a signal to a whole process group; a group that is gone already is what was wanted. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}

/** Keeps the end of a stream and hands its lines on as they become complete. */
function reader(onLine: ((line: string) => void) | undefined) {
  let chunks: Buffer[] = [];
  let size = 0;
  let rest = "";
  const decoder = new TextDecoder();
  const lines = (text: string) => {
    if (!onLine) return;
    const parts = (rest + text).split(/\r\n|\n|\r/);
    // A stream without line ends must not grow without bound.
    rest = (parts.pop() ?? "").slice(-keptBytes);
    for (const line of parts) onLine(line);
  };
  return {
    take(chunk: Buffer) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > 2 * keptBytes) {
        const kept = Buffer.concat(chunks).subarray(-keptBytes);
        chunks = [kept];
        size = kept.length;
      }
      lines(decoder.decode(chunk, { stream: true }));
    },
    end(): string {
      lines(decoder.decode());
      if (rest !== "") onLine?.(rest);
      rest = "";
      return Buffer.concat(chunks).subarray(-keptBytes).toString("utf8");
    },
  };
}

/** See {@link import("./machine.ts").Machine.exec}. */
export async function execProgram(
  program: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  options.signal?.throwIfAborted();
  const env = options.env ?? childEnvironment();
  const path = await programOrProblem(program, env);
  await checkFolder(options.cwd);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const out = reader(options.onLine && ((line) => options.onLine?.(line, "stdout")));
  const err = reader(options.onLine && ((line) => options.onLine?.(line, "stderr")));

  // Node has no such option, and a shell that only sets it and gives way has no command line to be led astray by.
  const { umask } = options;
  const shell = ["-c", `umask ${(umask ?? 0).toString(8)} && exec "$@"`, "sh", path, ...args];
  const child = spawn(umask === undefined ? path : "/bin/sh", umask === undefined ? args : shell, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.as ?? {}),
    env: whole(env),
    shell: false,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdout.on("data", (chunk: Buffer) => out.take(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.take(chunk));
  // A child that ends without reading its input is judged by its exit code, not by our broken pipe.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");

  let stopped: { reason: unknown } | undefined;
  const stop = (reason: unknown) => {
    stopped ??= { reason };
    if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
  };
  const onAbort = () => stop(options.signal?.reason);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const tooSlow = setTimeout(() => stop(timeProblem(program, timeoutMs)), timeoutMs);
  try {
    const ended = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal }));
      child.once("exit", (code, signal) => {
        setTimeout(() => resolve({ code, signal }), streamsGraceMs).unref();
      });
    });
    if (stopped) throw stopped.reason;
    return { ...ended, stdout: out.end(), stderr: err.end() };
  } finally {
    clearTimeout(tooSlow);
    options.signal?.removeEventListener("abort", onAbort);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function timeProblem(program: string, timeoutMs: number): Problem {
  const name = basename(program);
  return new Problem({
    code: "machine.program-too-slow",
    says: `${name} did not end within ${Math.round(timeoutMs / 1000)} s and was stopped.`,
    remedy: sentence("Try again; if it happens twice, look at the load of this machine."),
  });
}

/** See {@link import("./machine.ts").Machine.startDetached}. */
export async function startDetached(
  program: string,
  args: readonly string[],
  options: DetachedOptions,
): Promise<number> {
  const env = options.env ?? childEnvironment();
  const path = await programOrProblem(program, env);
  await checkFolder(options.cwd);
  const log = openSync(options.logFile, "a", 0o600);
  try {
    const child = spawn(path, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.as ?? {}),
      env: whole(env),
      shell: false,
      detached: true,
      stdio: ["ignore", log, log],
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    if (child.pid === undefined) throw new Error(`${program} was started without a process id`);
    return child.pid;
  } finally {
    closeSync(log);
  }
}

/** See {@link import("./machine.ts").Machine.signal}. */
export async function signalOne(pid: number, signal: "SIGSTOP" | "SIGCONT"): Promise<void> {
  if (pid <= 1) throw new Error(`process ${pid} is not one of ours`);
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}

/** True while the process is there and not a zombie. */
export async function alive(pid: number): Promise<boolean> {
  const state = await processState(pid);
  return state !== undefined && state !== "Z" && state !== "X";
}

/** True while any process of the group lives; zombies that nobody reaps do not count. */
async function groupAlive(pid: number): Promise<boolean> {
  try {
    process.kill(-pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw thrown;
  }
  return groupHasLife(pid);
}

/** Ends a process group of ours: TERM, then KILL after `patienceMs`; resolves when the whole group is gone. */
export async function endGroup(pid: number, patienceMs = 10_000): Promise<void> {
  if (pid <= 1) throw new Error(`process ${pid} is not one of ours`);
  signalGroup(pid, "SIGTERM");
  const killAt = Date.now() + patienceMs;
  let killed = false;
  while (await groupAlive(pid)) {
    if (!killed && Date.now() >= killAt) {
      signalGroup(pid, "SIGKILL");
      killed = true;
    }
    if (killed && Date.now() >= killAt + 10_000) {
      throw new Problem({
        code: "machine.process-stays",
        says: `Process ${pid} does not end, although it was killed.`,
        remedy: sentence("It waits for a device; it ends when that answers, or when this machine is started anew."),
      });
    }
    await delay(25);
  }
}
