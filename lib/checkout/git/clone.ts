import { basename, dirname, join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";
import { git, gitIn, headOf } from "./git.ts";

/** A clone of a few hundred megabytes over a slow line. */
const cloneTimeoutMs = 20 * 60_000;
const askTimeoutMs = 30_000;

function problem(code: string, says: string, remedy: string, cameBack?: string): Problem {
  return new Problem({
    code: `checkout.${code}`,
    says,
    remedy: sentence(remedy),
    ...(cameBack ? { evidence: { asked: "git", cameBack: cameBack.slice(0, 500) } } : {}),
  });
}

/** The text without what stands before an @ in an address: a name and a password may. Pure. */
export function withoutUser(text: string): string {
  return text.replace(/(\w+:\/\/)[^/\s@]*@/g, "$1");
}

/** @throws Problem where the address carries a password: it would stand in git's configuration and in process lists. */
function checkAddress(url: string): void {
  if (!/^\w+:\/\/[^/\s@]*:[^/\s@]*@/.test(url)) return;
  throw problem(
    "address-holds-a-password",
    "The address of the repository holds a password.",
    "Leave it out and use git's credential helper or an SSH key instead.",
  );
}

/** What git's own words amount to. Pure. */
export function cloneProblem(stderr: string, url: string): Problem {
  const said = withoutUser(stderr.trim().split("\n").slice(-3).join("\n"));
  const where = withoutUser(url);
  const host = /^(?:\w+:\/\/)?(?:[^@/\s]*@)?([^/:\s]+)/.exec(url)?.[1] ?? where;
  if (/No space left on device/i.test(stderr))
    return problem("no-space", "There is no space left to clone into.", "Free some disk space and try again.", said);
  if (
    /Authentication failed|could not read Username|Permission denied \(publickey|terminal prompts disabled|Host key verification failed/i.test(
      stderr,
    )
  )
    return problem(
      "clone-refused",
      `${host} does not let this user clone ${where}.`,
      "Look at the address, or set up git's credential helper or an SSH key for it.",
      said,
    );
  if (
    /could not resolve host|failed to connect|Connection (timed out|refused|reset)|Network is unreachable|Could not connect|unable to access/i.test(
      stderr,
    ) &&
    !/not found|404/.test(stderr)
  )
    return problem(
      "clone-unreachable",
      `${host} cannot be reached from this machine.`,
      "Look at the network and try again; the answers are kept.",
      said,
    );
  if (/not found|does not exist|does not appear to be a git repository|404/i.test(stderr))
    return problem(
      "no-such-repository",
      `There is no repository ${where}, or this user may not see it.`,
      "Correct the address.",
      said,
    );
  return problem(
    "not-cloned",
    `Git could not clone ${where}.`,
    "Look at what git said, correct it and try again; the answers are kept.",
    said,
  );
}

/**
 * Asks a repository whether it is there, and whether it knows a branch or tag of that name. A commit id cannot be
 * asked for without cloning.
 * @throws Problem `checkout.…`.
 */
export async function checkRepository(
  machine: Machine,
  url: string,
  commit?: string,
  signal?: AbortSignal,
): Promise<{ found?: string }> {
  checkAddress(url);
  const options = { timeoutMs: askTimeoutMs, ...(signal ? { signal } : {}) };
  const result = await git(machine, ["ls-remote", "--heads", "--tags", "--", url], options);
  if (result.code !== 0) throw cloneProblem(result.stderr, url);
  if (commit === undefined) return {};
  if (/^[0-9a-f]{7,40}$/.test(commit)) return { found: `Commit ${commit.slice(0, 7)} is looked for in the clone.` };
  const known = result.stdout
    .split("\n")
    .some((line) => line.replace(/\^\{\}$/, "").replace(/^\S+\s+refs\/(heads|tags)\//, "") === commit);
  if (known) return { found: `It knows ${commit}.` };
  throw commitUnknown(commit);
}

function commitUnknown(commit: string): Problem {
  return problem(
    "commit-unknown",
    `The repository knows no commit, branch or tag ${commit}.`,
    "Correct the commit, or leave it out for the newest.",
  );
}

/** @throws Problem where the folder holds something: a clone never mixes with what is there. */
export async function checkCloneTarget(machine: Machine, into: string): Promise<void> {
  const facts = await machine.files.facts(into);
  if (!facts) return;
  if (facts.kind !== "folder")
    throw problem("not-a-folder", `${into} is there already and is no folder.`, "Name another folder to clone into.");
  if ((await machine.files.list(into)).length > 0)
    throw problem(
      "folder-not-empty",
      `The folder ${into} is not empty.`,
      "Name another folder, or give this one as the path of an existing checkout.",
    );
}

export interface CloneJob {
  signal: AbortSignal;
  log(line: string): void;
  progress(done: number, total: number, unit: string, note?: string): void;
}

/** The folder that a clone grows in, beside the one that it will become. */
export function unfinished(into: string): string {
  return join(dirname(into), `.${basename(into)}.rec-io-setup-clone`);
}

/**
 * Clones into a folder that does not exist or is empty: all of it or nothing. It grows in a folder beside and gets its
 * name when the commit is checked out; what an interrupted attempt left there is removed first.
 * @returns the commit and the parents that were made, outermost first.
 */
export async function cloneInto(
  machine: Machine,
  { url, commit, into }: { url: string; commit?: string; into: string },
  job: CloneJob,
): Promise<{ commit: string; parents: string[] }> {
  checkAddress(url);
  await checkCloneTarget(machine, into);
  const parents = await machine.files.makeFolder(dirname(into), 0o755);
  const growing = unfinished(into);
  const clean = () => machine.files.removeTree(growing, dirname(into));
  await clean();
  try {
    const onLine = (line: string) => {
      const step = /^([A-Z][a-z]+ [a-z]+):\s+\d+% \((\d+)\/(\d+)\)/.exec(line);
      if (step) job.progress(Number(step[2]), Number(step[3]), "objects", step[1]);
      else if (line !== "") job.log(withoutUser(line));
    };
    const options = { signal: job.signal, timeoutMs: cloneTimeoutMs, onLine };
    const cloned = await git(machine, ["clone", "--progress", "--", url, growing], options);
    if (cloned.code !== 0) throw cloneProblem(cloned.stderr, url);
    if (commit !== undefined) {
      const out = await gitIn(machine, growing, ["checkout", "--quiet", commit, "--"], options);
      if (out.code !== 0) throw commitUnknown(commit);
    }
    const head = await headOf(machine, growing, job.signal);
    if (head === undefined)
      throw problem("empty-repository", `The repository ${withoutUser(url)} holds no commit.`, "Correct the address.");
    await machine.files.rename(growing, into);
    return { commit: head, parents };
  } catch (thrown) {
    await clean();
    for (const folder of [...parents].reverse()) await machine.files.removeFolder(folder);
    throw thrown;
  }
}
