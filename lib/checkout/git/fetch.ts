import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";
import { withoutUser } from "./clone.ts";
import { gitEnvironment, gitIn } from "./git.ts";

const fetchTimeoutMs = 120_000;

/** Whose files the repository is: what root writes into a person's repository must be the person's. */
export async function ownerOf(machine: Machine, root: string): Promise<{ uid: number; gid: number } | undefined> {
  const facts = await machine.files.facts(root);
  return facts && (await machine.facts()).root && facts.uid !== 0 ? { uid: facts.uid, gid: facts.gid } : undefined;
}

/**
 * Fetches what the checkout's own remote has. The working tree and its branch stay as they are.
 * @throws Problem `checkout.not-fetched`
 */
export async function fetchNew(machine: Machine, root: string, signal?: AbortSignal): Promise<void> {
  const as = await ownerOf(machine, root);
  const { code, stderr } = await gitIn(machine, root, ["fetch", "--quiet"], {
    env: gitEnvironment(),
    timeoutMs: fetchTimeoutMs,
    ...(as ? { as } : {}),
    ...(signal ? { signal } : {}),
  });
  if (code === 0) return;
  throw new Problem({
    code: "checkout.not-fetched",
    says: "What is new in the repository could not be fetched.",
    remedy: sentence("Look at what git said, or fetch yourself and name the commit."),
    evidence: { asked: "git fetch", cameBack: withoutUser(stderr.trim().slice(-400)) },
  });
}

/** The commit that a pull would bring: of the branch's upstream, else of the remote's own branch. */
export async function newestKnown(machine: Machine, root: string, signal?: AbortSignal): Promise<string | undefined> {
  for (const name of [
    "@{upstream}",
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
  ]) {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
    const { code, stdout } = await gitIn(machine, root, args, signal ? { signal } : {});
    if (code === 0) return stdout.trim();
  }
  return undefined;
}

/** The subjects of the commits that lie between two, newest first, at most 200. Empty where the second is not newer. */
export async function subjectsBetween(
  machine: Machine,
  root: string,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const args = ["log", "--max-count=200", "--format=%h %s", `${from}..${to}`];
  const { code, stdout } = await gitIn(machine, root, args, signal ? { signal } : {});
  return code === 0 ? stdout.split("\n").filter(Boolean) : [];
}

/** Files that differ between two commits, relative to the root. */
export async function filesBetween(
  machine: Machine,
  root: string,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const args = ["diff", "--name-only", "-z", "--no-renames", from, to];
  const { code, stdout } = await gitIn(machine, root, args, signal ? { signal } : {});
  return code === 0 ? stdout.split("\0").filter(Boolean) : [];
}
