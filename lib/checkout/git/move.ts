import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";
import { ownerOf } from "./fetch.ts";
import { gitIn, headOf } from "./git.ts";

/** How a working tree was brought from one commit to another, and what it stood on: enough to bring it back. */
export type Move = {
  readonly from: string;
  readonly to: string;
  /** The branch that was checked out; absent where there was none. */
  readonly branch?: string;
  /** The branch itself went forward; else it was left where it is, and the commit alone was checked out. */
  readonly forward: boolean;
};

const short = (commit: string) => commit.slice(0, 7);

/** What a person's own pull would leave: files that other users may read, REC.IO's programs among them. */
const usualUmask = 0o022;

/** Git in a person's tree, as the person: what root would write there would be root's. @throws Problem */
async function change(machine: Machine, root: string, args: readonly string[]): Promise<void> {
  const as = await ownerOf(machine, root);
  const { code, stderr } = await gitIn(machine, root, args, {
    timeoutMs: 120_000,
    umask: usualUmask,
    ...(as ? { as } : {}),
  });
  if (code === 0) return;
  throw new Problem({
    code: "checkout.not-moved",
    says: "Git does not bring the checkout to the other commit, and left it as it is.",
    remedy: sentence(
      "Look at what git said: a file that you changed may stand in the way. Put it aside and try again.",
    ),
    evidence: { asked: `git ${args.join(" ")}`, cameBack: stderr.trim().slice(-600) },
  });
}

async function branchOf(machine: Machine, root: string): Promise<string | undefined> {
  const { code, stdout } = await gitIn(machine, root, ["symbolic-ref", "--quiet", "--short", "HEAD"]);
  return code === 0 ? stdout.trim() : undefined;
}

/** How the tree would be moved, from where it stands now. Reads only. @throws Problem where it is no git working tree. */
export async function plannedMove(machine: Machine, root: string, to: string): Promise<Move> {
  const from = await headOf(machine, root);
  if (from === undefined)
    throw new Problem({
      code: "checkout.no-git",
      says: "The checkout is no git working tree, so it cannot be brought to another commit.",
      remedy: sentence("Install a clone made by git."),
    });
  const branch = await branchOf(machine, root);
  const { code } = await gitIn(machine, root, ["merge-base", "--is-ancestor", from, to]);
  return { from, to, ...(branch === undefined ? {} : { branch }), forward: branch !== undefined && code === 0 };
}

/** Brings the tree to the commit. Git itself refuses where a changed file would be lost, and changes nothing then. */
export async function move(machine: Machine, root: string, { to, forward }: Move): Promise<void> {
  await change(
    machine,
    root,
    forward ? ["merge", "--quiet", "--ff-only", to] : ["checkout", "--quiet", "--detach", to],
  );
}

/**
 * Brings the tree back to where it stood before the move. A tree that has moved on since, or stands there already, is
 * left as it is; changes to files are kept.
 * @returns a sentence where it was left as it is
 */
export async function moveBack(machine: Machine, root: string, made: Move): Promise<string | undefined> {
  const { from, to, branch, forward } = made;
  const now = await headOf(machine, root);
  if (now === from) return undefined;
  const branchNow = await branchOf(machine, root);
  if (now !== to || (forward && branchNow !== branch))
    return `The checkout stands at ${now === undefined ? "no commit" : short(now)} and not at ${short(to)} any more, and stays there.`;
  if (forward) await change(machine, root, ["reset", "--quiet", "--keep", from]);
  else {
    const there = branch && (await gitIn(machine, root, ["rev-parse", "--verify", "--quiet", `refs/heads/${branch}`]));
    const same = there && there.stdout.trim() === from;
    await change(machine, root, ["checkout", "--quiet", ...(branch && same ? [branch] : ["--detach", from])]);
  }
  return undefined;
}
