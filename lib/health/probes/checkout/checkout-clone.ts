import { checkCloneTarget, checkRepository } from "../../../checkout/git/clone.ts";
import { headOf } from "../../../checkout/git/git.ts";
import { recogniseTree } from "../../../checkout/source/recognise.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { isProblem, type ProblemFacts, problemFacts, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { checkoutProbes } from "./checkout.ts";

/** "there": REC.IO is in the folder. "free": it can be cloned into. Otherwise what stands in the way. */
export type CloneFacts =
  | { place: "there"; commit?: string }
  | { place: "free" }
  | { place: "refused"; problem: ProblemFacts };

/** The refusal without the path: findings stand on a health page that needs no session. */
function refusal(thrown: ProblemFacts, root: string): CloneFacts {
  const facts = problemFacts(thrown);
  const says = facts.says.replaceAll(`folder ${root}`, "folder").replaceAll(root, "The folder to clone into");
  return { place: "refused", problem: { ...facts, says } };
}

async function placeOf(
  { machine, checkout }: Pick<World, "machine" | "checkout">,
  signal: AbortSignal,
): Promise<CloneFacts> {
  try {
    await recogniseTree(machine, checkout.root);
    const commit = await headOf(machine, checkout.root, signal);
    return { place: "there", ...(commit === undefined ? {} : { commit }) };
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
  }
  try {
    await checkCloneTarget(machine, checkout.root);
    return { place: "free" };
  } catch (thrown) {
    if (isProblem(thrown)) return refusal(thrown, checkout.root);
    throw thrown;
  }
}

function refused({ says, remedy, evidence }: ProblemFacts): Finding {
  const mend = remedy ?? sentence("Correct the answer and try again.");
  return { level: "fail", says, remedy: mend, ...(evidence ? { evidence } : {}) };
}

export function judgeReachable(facts: CloneFacts): Finding {
  if (facts.place === "refused") return refused(facts.problem);
  return {
    level: "ok",
    says: facts.place === "there" ? "The repository is cloned." : "The repository answers, and its folder is free.",
  };
}

export function judgeCloned(facts: CloneFacts, wanted?: string): Finding {
  if (facts.place === "refused") return refused(facts.problem);
  if (facts.place === "free") {
    const remedy = { kind: "step", stepId: "clone-checkout", says: "Clone the repository." } as const;
    return { level: "fail", says: "REC.IO is not cloned yet.", remedy };
  }
  const asked = wanted !== undefined && /^[0-9a-f]{7,40}$/.test(wanted) ? wanted : undefined;
  if (asked !== undefined && facts.commit !== undefined && !facts.commit.startsWith(asked)) {
    const remedy = sentence(`Check out ${asked} in the clone, or change the answer.`);
    return {
      level: "warn",
      says: `The clone stands at ${facts.commit.slice(0, 7)}, not at ${asked.slice(0, 7)}.`,
      remedy,
    };
  }
  return { level: "ok", says: `REC.IO is cloned${facts.commit ? `, commit ${facts.commit.slice(0, 7)}` : ""}.` };
}

/** Whether REC.IO stands in the folder that it is cloned into. */
export function clonedProbe(commit?: string): AnyProbe {
  return probe({
    id: "checkout-cloned",
    title: "The repository is cloned",
    group: "Checkout",
    label: "machine",
    everyMs: 60_000,
    collect: (world: Pick<World, "machine" | "checkout">, signal) => placeOf(world, signal),
    judge: (facts) => judgeCloned(facts, commit),
  });
}

/**
 * What must hold of the checkout before anything is changed: the whole checkout where it is given by path; where it is
 * to be cloned, that this can work. Its wholeness is then asked by the step that clones.
 */
export function checkoutGateProbes(answers: Pick<Answers, "checkout" | "data" | "consent">): AnyProbe[] {
  const { checkout } = answers;
  if (checkout.kind === "path") return checkoutProbes(answers);
  return [
    probe({
      id: "checkout-repository",
      title: "The repository can be cloned",
      group: "Checkout",
      label: "machine",
      everyMs: 600_000,
      timeoutMs: 40_000,
      async collect(world: Pick<World, "machine" | "checkout">, signal): Promise<CloneFacts> {
        const place = await placeOf(world, signal);
        // What is cloned needs no network any more.
        if (place.place !== "free") return place;
        try {
          await checkRepository(world.machine, checkout.url, checkout.commit, signal);
          return place;
        } catch (thrown) {
          if (isProblem(thrown)) return refusal(thrown, world.checkout.root);
          throw thrown;
        }
      },
      judge: judgeReachable,
    }),
  ];
}
