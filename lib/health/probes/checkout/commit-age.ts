import { committedAt, headOf } from "../../../checkout/git/git.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { keptAnswer } from "../../../machine/kept-answer.ts";
import { sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";

/**
 * The oldest commit of REC.IO that was installed and proven with this product. What comes before it has tables and
 * programs of other shapes, and at some commits every statement prepares all the same: bdef7cd lets nobody log in.
 */
const oldest = { commit: "5984888", committedAt: Date.UTC(2025, 7, 20, 0, 43, 1) };

const day = (at: number) =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(new Date(at));

/** A commit never changes, so what git said of it holds. */
const keptAge = keptAnswer<number | undefined>(86_400_000, (at) => at !== undefined);

export interface AgeFacts {
  /** Undefined where the checkout is no git working tree of its own. */
  commit?: string;
  committedAt?: number;
}

/** Refuses a commit that lies before the oldest that is handled. Pure. */
export function judgeAge({ commit, committedAt: at }: AgeFacts): Finding {
  if (commit === undefined || at === undefined)
    return { level: "ok", says: "Nothing tells of which day this checkout is, so its files alone are judged." };
  const here = `Commit ${commit.slice(0, 7)} is of ${day(at)}`;
  if (at >= oldest.committedAt) return { level: "ok", says: `${here}.` };
  return {
    level: "fail",
    says: `${here}: older than ${oldest.commit} of ${day(oldest.committedAt)}, the oldest REC.IO that can be installed and proven here.`,
    objects: [commit],
    remedy: sentence("Check out a newer commit of REC.IO, such as the newest: git checkout main && git pull."),
  };
}

/** Whether the checkout is of a time that this product knows. */
export function commitAge(): AnyProbe {
  return probe({
    id: "checkout-age",
    title: "The checkout is no older than what can be proven",
    group: "Checkout",
    label: "checkout",
    everyMs: 60_000,
    async collect({ machine, checkout }: Pick<World, "machine" | "checkout">, signal): Promise<AgeFacts> {
      const commit = await headOf(machine, checkout.root, signal);
      if (commit === undefined) return {};
      const at = await keptAge(checkout.root, commit, () => committedAt(machine, checkout.root, commit, signal));
      return { commit, ...(at === undefined ? {} : { committedAt: at }) };
    },
    judge: judgeAge,
  });
}
