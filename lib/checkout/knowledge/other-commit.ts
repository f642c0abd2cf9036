import { join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";
import { gitIn } from "../git/git.ts";

function unknownCommit(name: string): Problem {
  return new Problem({
    code: "checkout.commit-unknown",
    says: `The checkout's repository does not know ${name}.`,
    remedy: sentence("Name a commit, a branch or a tag of it, or leave it out for the newest one."),
  });
}

/** The full id of a commit that the repository has. @throws Problem `checkout.commit-unknown` */
export async function resolveCommit(
  machine: Machine,
  root: string,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
  const { code, stdout } = await gitIn(machine, root, args, signal ? { signal } : {});
  if (code !== 0) throw unknownCommit(name);
  return stdout.trim();
}

/**
 * Puts the tree of another commit into a folder of the state, for reading, and takes it away when the work is done. The
 * checkout is not touched. What REC.IO keeps as data (archives) is left out.
 * @throws Problem `checkout.commit-unknown` where the repository does not have it.
 */
export async function withTreeOf<T>(
  { machine, paths, root }: { machine: Machine; paths: Pick<StatePaths, "state">; root: string },
  commit: string,
  work: (tree: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const folder = join(paths.state, "other-commit", commit.slice(0, 12));
  const archive = `${folder}.tar`;
  const options = signal ? { signal } : {};
  await machine.files.removeTree(folder);
  await machine.files.makeFolder(folder, 0o700);
  try {
    const made = await gitIn(
      machine,
      root,
      ["archive", "--format=tar", `--output=${archive}`, commit, "--", ".", ":(exclude)backend/data/archives"],
      options,
    );
    if (made.code !== 0) throw unknownCommit(commit.slice(0, 12));
    const unpacked = await machine.exec("tar", ["-x", "-f", archive, "-C", folder], options);
    if (unpacked.code !== 0) throw new Error(`tar ended with ${unpacked.code}: ${unpacked.stderr.slice(-300)}`);
    return await work(folder);
  } finally {
    await machine.files.remove(archive);
    await machine.files.removeTree(folder);
    await machine.files.removeFolder(join(paths.state, "other-commit"));
  }
}
