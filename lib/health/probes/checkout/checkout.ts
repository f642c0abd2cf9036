import { type Baseline, readBaseline } from "../../../checkout/baseline.ts";
import type { CheckoutFacts } from "../../../checkout/checkout.ts";
import { headOf, lastCommitWith, statusOf } from "../../../checkout/git/git.ts";
import { installedKnowledge } from "../../../checkout/knowledge/installed.ts";
import { listens } from "../../../checkout/source/ports.ts";
import { missingFilesOf, recogniseTree } from "../../../checkout/source/recognise.ts";
import { newestArchive } from "../../../data/fingerprint-archive.ts";
import { lookupRecordFile } from "../../../data/lookup-record.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { keptReading } from "../../../machine/kept-reading.ts";
import { isProblem, type Remedy, repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { commitAge } from "./commit-age.ts";
import { checkoutTablesKnown } from "./statements.ts";

export interface RecognisedFacts {
  /** Why the folder is not REC.IO, in the very words of every other question about it: one cause is told once. */
  refusal?: { says: string; remedy?: Remedy };
  missingFiles: readonly string[];
}

export function judgeRecognised({ refusal, missingFiles }: RecognisedFacts): Finding {
  if (refusal !== undefined) {
    const putBack = sentence("Put the checkout back, or name the folder that holds it.");
    return { level: "fail", says: refusal.says, remedy: refusal.remedy ?? putBack };
  }
  if (missingFiles.length > 0) {
    const remedy = sentence("Take the missing files from the repository again (git checkout -- FILE).");
    const says = `${missingFiles.join(", ")} ${missingFiles.length === 1 ? "is" : "are"} missing from the checkout.`;
    return { level: "fail", says, remedy, objects: missingFiles };
  }
  return { level: "ok", says: "The checkout is REC.IO." };
}

export interface ProgramsFacts {
  programs: CheckoutFacts["programs"];
  /** Imported files of the checkout that do not compile, with the error. */
  broken: Readonly<Record<string, string>>;
  /** Missing script → the last commit that has it. */
  lastSeen: Readonly<Record<string, string>>;
  /** Programs whose code listens and that the manifest gives no port. */
  portless: readonly string[];
}

/** Does every program that REC.IO's own files name exist and compile? */
export function judgePrograms(facts: ProgramsFacts, goOnWithout: readonly string[]): Finding {
  const { programs, broken, lastSeen, portless } = facts;
  const agreed = (name: string) => goOnWithout.includes(name);
  const missing = programs.filter(({ exists }) => !exists);
  const unsupported = missing.filter(({ name }) => !agreed(name));
  if (unsupported.length > 0) {
    const each = unsupported.map(({ name, script }) => `${name} (${script})`).join(", ");
    const names = unsupported.map(({ name }) => name).join(", ");
    const seen = unsupported.flatMap(({ script }) => lastSeen[script] ?? []);
    const hint =
      seen.length > 0 ? `Check out ${seen[0]}, the last commit that has it` : "Check out a commit that has it";
    return {
      level: "fail",
      says: `The script of ${each} is missing from the checkout.`,
      remedy: sentence(`${hint}, or agree to go on without ${names}.`),
      objects: unsupported.map(({ script }) => script),
    };
  }
  const faults = [
    ...programs.flatMap(({ name, script, compiles }) =>
      typeof compiles === "string" && !agreed(name) ? [[script, compiles] as const] : [],
    ),
    ...Object.entries(broken),
  ];
  if (faults.length > 0) {
    const says = `${faults.map(([file, error]) => `${file} does not compile (${error})`).join("; ")}.`;
    const remedy = sentence("Check out a commit where it compiles, or mend the file.");
    return { level: "fail", says, remedy, objects: faults.map(([file]) => file) };
  }
  if (portless.length > 0) {
    const says = `${portless.join(", ")} listens, and the port manifest of the checkout gives it no port.`;
    const remedy = sentence(
      "Add its port to backend/core/config/MASTER_PORT_MANIFEST.json, or check out a commit that has it.",
    );
    return { level: "fail", says, remedy, objects: portless };
  }
  const unread = programs.filter(({ exists, compiles }) => exists && compiles === undefined);
  if (unread.length > 0) {
    const says = `${unread.length} of ${programs.length} programs are there; whether they compile can be told when Python is here.`;
    return { level: "warn", says, remedy: repairedBy("install-system-packages", "Install Python.") };
  }
  const without = programs.filter(({ name }) => agreed(name));
  const working = programs.length - without.length;
  if (without.length > 0) {
    const each = without.map(({ name, exists }) => `${name}${exists ? "" : ", whose script is missing"}`).join("; ");
    const says = `${working} of ${programs.length} programs are there and compile. REC.IO goes on without ${each}, as agreed.`;
    const remedy = sentence(
      `What ${without.map(({ name }) => name).join(" and ")} would do is not done; check out a commit that has it and install again.`,
    );
    return { level: "warn", says, remedy, objects: without.map(({ script }) => script) };
  }
  return { level: "ok", says: `${working} of ${programs.length} programs are there and compile.` };
}

export interface UntouchedFacts {
  commit?: string;
  dirty: readonly string[];
  baseline?: Baseline;
  /** The commit of the last installation, where it was kept. */
  installed?: string;
}

/** Is the tree as it was when we first came? Edits of the person's own are theirs, and are only named. */
export function judgeUntouched({ commit, dirty, baseline, installed = baseline?.commit }: UntouchedFacts): Finding {
  if (commit === undefined) {
    const remedy = sentence("Use a clone made by git, so that changes can be told.");
    return {
      level: "warn",
      says: "The checkout is no git working tree, so changes to its files cannot be told.",
      remedy,
    };
  }
  const short = commit.slice(0, 7);
  const list = (lines: readonly string[]) =>
    `${lines
      .slice(0, 5)
      .map((line) => line.slice(3))
      .join(", ")}${lines.length > 5 ? ` and ${lines.length - 5} more` : ""}`;
  const remedy = sentence("Look at them with git status and git diff in the checkout.");
  if (installed !== undefined && installed !== commit) {
    const says = `The checkout has moved from ${installed.slice(0, 7)}, which was installed, to ${short}.`;
    return {
      level: "warn",
      says,
      remedy: sentence("Run the installation again, so that everything is looked at anew for this commit."),
    };
  }
  const since = baseline ? dirty.filter((line) => !baseline.dirty.includes(line)) : [];
  if (since.length > 0)
    return {
      level: "warn",
      says: `Changed in the checkout since the installation: ${list(since)}.`,
      remedy,
      objects: since.map((line) => line.slice(3)),
    };
  if (dirty.length > 0)
    return {
      level: "warn",
      says: `Changed before the installation, and left so: ${list(dirty)}.`,
      remedy,
      objects: dirty.map((line) => line.slice(3)),
    };
  return { level: "ok", says: `Commit ${short}, no tracked file changed.` };
}

export function judgeArchive({ name, used }: { name?: string; used: boolean }): Finding {
  if (name !== undefined) return { level: "ok", says: `${name} is there.` };
  const remedy = sentence("Check out a commit that holds backend/data/archives, or install without system data.");
  const says = "The archive of BTC fingerprints is missing from the checkout";
  if (used) return { level: "warn", says: `${says}; what was built from it is there.`, remedy };
  return { level: "fail", says: `${says}, and the probability lookup is built from it.`, remedy };
}

const listensIn = keptReading((text = "") => listens(text));

/** The questions about a checkout that is there. For one that is still to be cloned, see checkout-clone.ts. */
export function checkoutProbes(answers: Pick<Answers, "data" | "consent">): AnyProbe[] {
  const base = { group: "Checkout", label: "checkout" } as const;
  const probes: AnyProbe[] = [
    probe({
      ...base,
      id: "checkout-recognised",
      title: "The checkout is REC.IO",
      everyMs: 15_000,
      async collect({ machine, checkout }: Pick<World, "machine" | "checkout">): Promise<RecognisedFacts> {
        try {
          await recogniseTree(machine, checkout.root);
        } catch (thrown) {
          if (isProblem(thrown)) return { refusal: thrown, missingFiles: [] };
          throw thrown;
        }
        return { missingFiles: await missingFilesOf(machine, checkout.root) };
      },
      judge: judgeRecognised,
    }),
    probe({
      ...base,
      id: "checkout-programs",
      title: "Every program of the checkout is there and compiles",
      everyMs: 10_000,
      timeoutMs: 30_000,
      async collect({ machine, checkout }: Pick<World, "machine" | "checkout">, signal): Promise<ProgramsFacts> {
        const { programs, ports } = await checkout.programs(signal);
        const { broken } = await checkout.sources(signal);
        const lastSeen: Record<string, string> = {};
        const portless: string[] = [];
        for (const { name, script, exists } of programs) {
          if (exists) {
            // Only a program without a port has to be read for whether it wants one.
            if (ports[name] === undefined && (await listensIn(machine.files, checkout.at(script)))) portless.push(name);
          } else if (!answers.consent.goOnWithout.includes(name)) {
            const commit = await lastCommitWith(machine, checkout.root, script, signal);
            if (commit !== undefined) lastSeen[script] = commit;
          }
        }
        return { programs, broken, lastSeen, portless };
      },
      judge: (facts) => judgePrograms(facts, answers.consent.goOnWithout),
    }),
    checkoutTablesKnown(),
    commitAge(),
    probe({
      ...base,
      id: "checkout-untouched",
      title: "No tracked file of the checkout is modified",
      everyMs: 60_000,
      async collect(world: Pick<World, "machine" | "checkout" | "paths">, signal): Promise<UntouchedFacts> {
        const { machine, checkout } = world;
        const commit = await headOf(machine, checkout.root, signal);
        if (commit === undefined) return { dirty: [] };
        const baseline = await readBaseline(world);
        const installed = (await installedKnowledge(world))?.commit;
        return {
          commit,
          dirty: await statusOf(machine, checkout.root, { signal }),
          ...(baseline ? { baseline } : {}),
          ...(installed === undefined ? {} : { installed }),
        };
      },
      judge: judgeUntouched,
    }),
  ];
  if (answers.data.kind !== "archive") return probes;
  return [
    ...probes,
    probe({
      ...base,
      id: "checkout-archive",
      title: "The archive of BTC fingerprints is in the checkout",
      everyMs: 300_000,
      async collect(world: Pick<World, "machine" | "checkout" | "paths">) {
        // Where there is no REC.IO, that is what is missing: no archive is looked for.
        await recogniseTree(world.machine, world.checkout.root);
        const name = await newestArchive(world);
        const used = (await world.machine.files.facts(lookupRecordFile(world))) !== undefined;
        return { ...(name === undefined ? {} : { name }), used };
      },
      judge: judgeArchive,
    }),
  ];
}
