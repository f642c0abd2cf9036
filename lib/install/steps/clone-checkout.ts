import { dirname } from "node:path";
import { cloneInto, unfinished, withoutUser } from "../../checkout/git/clone.ts";
import { gitIn, headOf, statusOf } from "../../checkout/git/git.ts";
import { isWrittenByRecio } from "../../checkout/profile.ts";
import { type Change, type Step, step } from "../../engine/step.ts";
import { clonedProbe } from "../../health/probes/checkout/checkout-clone.ts";
import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";
import type { Answers } from "../answers.ts";

type Receipt = {
  readonly folder: string;
  readonly commit: string;
  /** Parents that were made for it, outermost first. */
  readonly parents: string[];
};

/** What would be lost with the clone, in a few words each; empty where nothing would. */
async function worthKeeping(machine: Machine, { folder, commit }: Receipt): Promise<string[]> {
  const head = await headOf(machine, folder);
  if (head === undefined) return ["it is no git working tree any more"];
  const reasons: string[] = [];
  if (head !== commit) reasons.push(`it stands at ${head.slice(0, 7)}, not at ${commit.slice(0, 7)}`);
  const own = await gitIn(machine, folder, ["log", "--branches", "--not", "--remotes", "--oneline", "--max-count=1"]);
  if (own.stdout.trim() !== "") reasons.push("it holds commits that are nowhere else");
  const stash = await gitIn(machine, folder, ["stash", "list"]);
  if (stash.stdout.trim() !== "") reasons.push("it holds stashed changes");
  const lines = await statusOf(machine, folder, { all: true });
  const files = lines.map((line) => line.slice(3)).filter((path) => !path.endsWith("/") && !isWrittenByRecio(path));
  if (files.length > 0)
    reasons.push(`it holds ${files.slice(0, 3).join(", ")}${files.length > 3 ? ` and ${files.length - 3} more` : ""}`);
  return reasons;
}

/** Clones REC.IO where the person wants it. The folder appears whole or not at all. */
export function cloneCheckout(
  checkout: Extract<Answers["checkout"], { kind: "clone" }>,
): Step<"machine" | "checkout", Receipt> {
  const { url, commit } = checkout;
  return step({
    id: "clone-checkout",
    title: "Clone the repository",
    why: "There is no REC.IO on this machine yet.",
    probes: [clonedProbe(commit)],
    async describe({ checkout: { root } }): Promise<Change[]> {
      return [
        {
          what: "folder",
          target: root,
          detail: `git clone of ${withoutUser(url)}${commit === undefined ? "" : `, ${commit} checked out`}`,
        },
      ];
    },
    async run({ machine, checkout: { root } }, job): Promise<Receipt> {
      job.log(`cloning ${withoutUser(url)}`);
      const cloned = await cloneInto(machine, { url, into: root, ...(commit === undefined ? {} : { commit }) }, job);
      job.log(`commit ${cloned.commit} is checked out`);
      return { folder: root, commit: cloned.commit, parents: cloned.parents };
    },
    undo: {
      async takeBack({ machine }, receipt) {
        const { folder, parents } = receipt;
        await machine.files.removeTree(unfinished(folder), dirname(folder));
        if (!(await machine.files.facts(folder))) return;
        const reasons = await worthKeeping(machine, receipt);
        if (reasons.length > 0) {
          throw new Problem({
            code: "checkout.clone-holds-more",
            says: `The clone ${folder} stays: ${reasons.join("; ")}.`,
            remedy: sentence("Keep what you need of it, and remove the folder yourself."),
          });
        }
        await machine.files.removeTree(folder, dirname(folder));
        for (const parent of [...parents].reverse()) await machine.files.removeFolder(parent);
      },
    },
  });
}
