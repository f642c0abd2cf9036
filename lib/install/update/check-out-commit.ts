import { headOf, statusOf } from "../../checkout/git/git.ts";
import { type Move, move, moveBack, plannedMove } from "../../checkout/git/move.ts";
import { type AnyProbe, type Finding, probe } from "../../engine/probe.ts";
import { type Change, type Step, step } from "../../engine/step.ts";
import { Problem, sentence } from "../../problem.ts";
import { stopRecio } from "../../supervisor/recio.ts";
import { inSafeOrder } from "../../supervisor/safe-order.ts";
import type { World } from "../../world.ts";

const short = (commit: string) => commit.slice(0, 7);

/** Whether the checkout stands at the commit that it is brought to. */
export function standsAt(to: string): AnyProbe {
  return probe<"machine" | "checkout", { commit: string | undefined }>({
    id: "checkout-at-commit",
    title: `The checkout stands at ${short(to)}`,
    group: "Checkout",
    label: "checkout",
    everyMs: 60_000,
    collect: async ({ machine, checkout }, signal) => ({ commit: await headOf(machine, checkout.root, signal) }),
    judge({ commit }): Finding {
      if (commit === to) return { level: "ok", says: `The checkout stands at ${short(to)}.` };
      return {
        level: "fail",
        says: `The checkout stands at ${commit === undefined ? "no commit" : short(commit)}, not at ${short(to)}.`,
        remedy: sentence(`Bring it there with npm run recio -- update ${short(to)}.`),
      };
    },
  }) as AnyProbe;
}

/** For undo the step is made without its commit: the receipt has it. */
const titleFor = (to: string) => `Bring the checkout to ${to === "" ? "another commit" : short(to)}`;

/**
 * Stops REC.IO and brings its checkout to another commit. Programs that go on running while their files change under
 * them are of no commit at all; they are started again by the step after the next.
 */
export function checkOutCommit(to: string): Step<keyof World, Move> {
  return step<keyof World, Move>({
    id: "check-out-commit",
    title: titleFor(to),
    why: "REC.IO's programs are stopped first, so that none of them runs with files of two commits.",
    probes: [standsAt(to)],
    async describe({ machine, checkout }): Promise<Change[]> {
      const { from, branch, forward } = await plannedMove(machine, checkout.root, to);
      const how = forward
        ? `the branch ${branch} goes forward from ${short(from)} to ${short(to)}, as a pull would bring it`
        : `${short(to)} is checked out in place of ${short(from)}${branch ? `; the branch ${branch} stays where it is` : ""}`;
      return [
        ...inSafeOrder(await checkout.supervised())
          .reverse()
          .map(({ name }) => ({ what: "process" as const, target: name, detail: "stopped" })),
        { what: "folder", target: checkout.root, detail: how },
      ];
    },
    async run(world, job): Promise<Move> {
      const { machine, checkout } = world;
      const planned = await plannedMove(machine, checkout.root, to);
      await stopRecio(world, { signal: job.signal, log: (line) => job.log(line) });
      await job.spent(planned);
      await move(machine, checkout.root, planned);
      // What the checkout's files said before is forgotten: the next steps ask for the programs of the new commit.
      await checkout.programs(job.signal);
      const dirty = await statusOf(machine, checkout.root);
      job.log(
        `The checkout stands at ${short(to)}${dirty.length === 0 ? "" : `; ${dirty.length} files of it are changed`}.`,
      );
      return planned;
    },
    undo: {
      async takeBack(world, made, job) {
        const { machine, checkout } = world;
        if ((await machine.files.facts(checkout.root)) === undefined) return;
        if ((await headOf(machine, checkout.root)) === made.to)
          await stopRecio(world, { signal: job.signal, log: (line) => job.log(line) });
        const left = await moveBack(machine, checkout.root, made);
        await checkout.programs(job.signal);
        if (left === undefined) return;
        throw new Problem({
          code: "checkout.moved-on",
          says: left,
          remedy: sentence(`Bring it back yourself with git checkout ${short(made.from)}, if that is what you want.`),
        });
      },
    },
  });
}
