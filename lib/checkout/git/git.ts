import { join } from "node:path";
import { keptAnswer } from "../../machine/kept-answer.ts";
import { stampOfAll } from "../../machine/kept-reading.ts";
import type { ExecOptions, ExecResult, Machine } from "../../machine/machine.ts";
import { childEnvironment } from "../../settings.ts";

/**
 * Git with the manners that we need: it never asks for a password, never writes the index of a tree that is only
 * looked at, and runs nothing that the repository's own configuration names.
 */
export function gitEnvironment(): Record<string, string> {
  return {
    ...childEnvironment(),
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_ALLOW_PROTOCOL: "https:http:ssh:git:file",
    GIT_SSH_COMMAND: "ssh -oBatchMode=yes",
    LC_ALL: "C.UTF-8",
  };
}

const manners = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"];

/** Runs git outside any tree. */
export function git(machine: Machine, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  return machine.exec("git", [...manners, ...args], { env: gitEnvironment(), ...options });
}

/** Runs git in a tree. The tree may belong to somebody else: root looks at a person's checkout. */
export async function gitIn(
  machine: Machine,
  root: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const real = (await machine.files.realPath(root)) ?? root;
  return git(machine, ["-c", `safe.directory=${real}`, "-C", real, ...args], options);
}

/** Where git keeps what a working tree stands on: the head itself, the branches, and the record of every move. */
const headFiles = [".git", ".git/HEAD", ".git/logs/HEAD", ".git/packed-refs", ".git/refs/heads"];
const keptMs = 600_000;
const keptHead = keptAnswer<string | undefined>(keptMs, (commit) => commit !== undefined);

/**
 * One line that changes whenever the head of a tree may have moved: git replaces these files, or adds to them, with each
 * move. Undefined where only git can tell: a linked working tree keeps its head elsewhere, and
 * the newer format of references writes a branch ".invalid" into this file.
 */
async function headStamp({ files }: Machine, root: string): Promise<string | undefined> {
  const head = /^ref: (refs\/heads\/(?!\.invalid)[^\n]+)\n$|^[0-9a-f]{40,64}\n$/.exec(
    (await files.read(join(root, ".git/HEAD"))) ?? "",
  );
  if (!head) return undefined;
  const branch = head[1] === undefined ? [] : [join(".git", head[1])];
  return `${head[0]} ${await stampOfAll(
    files,
    ["", ...headFiles, ...branch].map((path) => join(root, path)),
  )}`;
}

/** The commit that is checked out, or undefined where this folder is not the top of a git working tree. */
export async function headOf(machine: Machine, root: string, signal?: AbortSignal): Promise<string | undefined> {
  const stamp = await headStamp(machine, root);
  const ask = () => askHead(machine, root, signal);
  return stamp === undefined ? ask() : keptHead(root, stamp, ask);
}

async function askHead(machine: Machine, root: string, signal?: AbortSignal): Promise<string | undefined> {
  const options = signal ? { signal } : {};
  const top = await gitIn(machine, root, ["rev-parse", "--show-toplevel"], options);
  // A folder inside somebody else's repository is no checkout of its own.
  if (top.code !== 0 || top.stdout.replace(/\n$/, "") !== (await machine.files.realPath(root))) return undefined;
  const head = await gitIn(machine, root, ["rev-parse", "--verify", "HEAD"], options);
  return head.code === 0 ? head.stdout.trim() : undefined;
}

/** When a commit was made, in milliseconds since 1970, as its committer's clock had it; undefined where it is not known. */
export async function committedAt(
  machine: Machine,
  root: string,
  commit: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const shown = await gitIn(machine, root, ["show", "-s", "--format=%ct", commit], signal ? { signal } : {});
  const seconds = Number(shown.stdout.trim() || Number.NaN);
  return shown.code === 0 && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** Reads `git status --porcelain=v1 -z` into lines "XY path"; the old name of a renamed file is left out. Pure. */
export function parseStatus(text: string): string[] {
  const fields = text.split("\0").filter((field) => field !== "");
  const lines: string[] = [];
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] ?? "";
    lines.push(field);
    if (field.startsWith("R") || field.startsWith("C")) index += 1;
  }
  return lines;
}

/** Changed and unknown files, without those that git ignores. `all` names also the ignored ones, each file by itself. */
export async function statusOf(
  machine: Machine,
  root: string,
  { all = false, signal }: { all?: boolean; signal?: AbortSignal } = {},
): Promise<string[]> {
  const more = all ? ["--ignored=traditional", "--untracked-files=all"] : ["--untracked-files=normal"];
  const args = ["status", "--porcelain=v1", "-z", "--no-renames", ...more];
  const result = await gitIn(machine, root, args, signal ? { signal } : {});
  if (result.code !== 0) throw new Error(`git status ended with ${result.code}: ${result.stderr.slice(0, 300)}`);
  return parseStatus(result.stdout);
}

/** The last commit whose tree still holds a file that is missing now, shortened; undefined where none ever did. */
export async function lastCommitWith(
  machine: Machine,
  root: string,
  path: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const options = signal ? { signal } : {};
  // The newest commit that touched a missing file is the one that removed it.
  const removed = await gitIn(machine, root, ["rev-list", "--max-count=1", "HEAD", "--", path], options);
  if (removed.code !== 0 || removed.stdout.trim() === "") return undefined;
  const before = await gitIn(machine, root, ["rev-parse", "--short", "--verify", `${removed.stdout.trim()}^`], options);
  return before.code === 0 ? before.stdout.trim() : undefined;
}
