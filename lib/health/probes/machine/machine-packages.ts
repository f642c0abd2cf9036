import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { packagesOfModules } from "../../../launcher/debian-packages.cjs";
import type { MachineFacts } from "../../../machine/machine.ts";
import { repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";

/** What our own builder of the probability lookup imports (lib/data/python). */
const lookupImports = ["numpy", "scipy"];

/**
 * What the proofs of the order gate and of the guard against strangers stand on, also where the checkout can do without:
 * orders go out through requests, and werkzeug, which flask brings, answers whoever comes.
 */
const hookImports = ["flask", "requests"];

type Asked = Pick<Answers, "python" | "data">;

/**
 * The packages of the operating system that this way of installing needs. With Debian's packages they follow from what
 * the programs of the checkout import, from what the hook guards and from what builds the lookup; bcrypt is needed in any
 * case (see `neededModules`). With pip, Python's packages and supervisor come from requirements.txt, and what is left is what makes
 * an environment. Pure.
 * @param imports top-level names of the modules that the checkout cannot do without
 */
export function neededPackages(
  tool: MachineFacts["packageTool"],
  { python: { packages }, data }: Asked,
  imports: readonly string[],
): string[] {
  if (tool !== "apt") return [];
  if (packages === "pip") return ["git", "python3-venv"];
  const ours = data.kind === "archive" ? lookupImports : [];
  const python = [...new Set(["bcrypt", ...hookImports, ...ours, ...imports])].flatMap((name) =>
    Object.hasOwn(packagesOfModules, name) ? (packagesOfModules[name] ?? []) : [],
  );
  return ["git", "python3", "supervisor", ...python.sort()];
}

export interface SystemPackageFacts {
  needed: readonly string[];
  missing: readonly string[];
  command: string;
}

export function judgeSystemPackages({ needed, missing, command }: SystemPackageFacts, consent: boolean): Finding {
  if (needed.length === 0) return { level: "ok", says: "No package of the operating system is needed." };
  if (missing.length === 0)
    return { level: "ok", says: `All ${needed.length} packages of the operating system are here.` };
  const says = `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not installed.`;
  const remedy = consent
    ? repairedBy("install-system-packages", `Install ${missing.length === 1 ? "it" : "them"}.`)
    : sentence(
        `Agree to have ${missing.length === 1 ? "it" : "them"} installed, or run this and try again: ${command}`,
      );
  return { level: "fail", says, remedy, objects: missing };
}

/** Are the packages here that this way of installing needs? */
export async function lookAtSystemPackages(
  { machine, checkout }: Pick<World, "machine" | "checkout">,
  answers: Asked,
): Promise<SystemPackageFacts> {
  const { packageTool } = await machine.facts();
  const imports = answers.python.packages === "system" && packageTool === "apt" ? await checkout.imports() : [];
  // A git that came another way does as well as Debian's.
  const hasGit = (await machine.find("git")) !== undefined;
  const needed = neededPackages(packageTool, answers, imports).filter((name) => name !== "git" || !hasGit);
  const installed = await machine.packages.installed(needed);
  const missing = needed.filter((name) => !installed.includes(name));
  return { needed, missing, command: missing.length > 0 ? machine.packages.command(missing) : "" };
}

/**
 * The step's question. Where the person did not agree to installing packages it belongs into the gate as well: nothing
 * later could put it right.
 */
export function systemPackagesProbe(answers: Asked & Pick<Answers, "consent">): AnyProbe {
  return probe({
    id: "machine-packages",
    title: "The packages of the operating system are here",
    group: "Machine",
    label: "machine",
    everyMs: 3_600_000,
    collect: (world: Pick<World, "machine" | "checkout">) => lookAtSystemPackages(world, answers),
    judge: (facts) => judgeSystemPackages(facts, answers.consent.systemPackages),
  });
}
