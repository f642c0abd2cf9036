import { type Finding, type Proof, proof } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { isProblem, type Remedy, repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import type { AskedQuestion, Need } from "../../report.ts";

/** The remedy for a program that does not answer. */
export const startAgain: Remedy = repairedBy("start-services", "Start REC.IO's programs again.");

/** The remedy for a program that answers and does not work. */
export function readLog(program: string): Remedy {
  return sentence(`Look at the log of ${program}.`);
}

/** What a Problem met on the way amounts to: a program that is silent or lies has failed, everything else is not known. */
function failedFinding(thrown: unknown): Finding {
  if (!isProblem(thrown)) throw thrown;
  const evidence = thrown.evidence ? { evidence: thrown.evidence } : {};
  if (thrown.code === "program.no-answer") return { level: "fail", says: thrown.says, remedy: startAgain, ...evidence };
  if (thrown.code === "program.never-asked") throw thrown;
  if (thrown.code === "database.object-missing")
    return { level: "fail", says: thrown.says, remedy: thrown.remedy ?? startAgain, ...evidence };
  if (thrown.code.startsWith("program.") || thrown.code === "proof.one-shot-failed")
    return { level: "fail", says: thrown.says, remedy: thrown.remedy ?? startAgain, ...evidence };
  throw thrown;
}

type Definition<Needs extends keyof World> = Omit<Proof<Needs>, "kind" | "program" | "group" | "label"> &
  Partial<Pick<Proof, "group" | "label">> & { program: string; need?: Need };

/**
 * A proof of one supervised program. A program that the person agreed to go without is not asked: it stays a lasting
 * warn and is not required.
 */
export function programProof<Needs extends keyof World>(
  answers: Answers,
  definition: Definition<Needs>,
): AskedQuestion {
  const { need = "installed", prove, ...rest } = definition;
  const without = answers.consent.goOnWithout.includes(definition.program);
  const question = proof<Needs>({
    group: "Services",
    label: "machine",
    timeoutMs: 30_000,
    ...rest,
    async prove(world, signal) {
      if (without)
        return {
          level: "warn",
          label: "checkout",
          says: `${definition.program} is not installed: its script is not in this checkout, and you went on without it.`,
          remedy: sentence("Choose a checkout that has the script."),
        };
      try {
        return await prove(world, signal);
      } catch (thrown) {
        return failedFinding(thrown);
      }
    },
  });
  return { question: question as AskedQuestion["question"], need: without ? "no" : need };
}
