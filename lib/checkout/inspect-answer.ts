import { join, resolve } from "node:path";
import { newestArchive } from "../data/fingerprint-archive.ts";
import type { Answers } from "../install/answers.ts";
import type { Machine } from "../machine/machine.ts";
import { statePaths } from "../paths.ts";
import { isProblem, type Problem, sentence } from "../problem.ts";
import type { InquiryState, Rung } from "../runtime.ts";
import type { CheckoutFacts } from "./checkout.ts";
import { checkCloneTarget, checkRepository } from "./git/clone.ts";
import { recioCheckout } from "./recio-checkout.ts";
import { expandHome, recogniseTree } from "./source/recognise.ts";

/** What the inspection of a checkout came to: the rungs that were climbed and what the page shows of it. */
export type CheckoutInspection = Pick<InquiryState, "rungs" | "accepted" | "says" | "problem" | "facts">;

interface Climb {
  rungs: Rung[];
  step<T>(
    id: string,
    waiting: string,
    work: () => Promise<{ says: string; detail?: string; level?: "ok" | "warn"; value: T }>,
  ): Promise<T>;
}

function climb(onRung?: (rungs: Rung[]) => void): Climb {
  const rungs: Rung[] = [];
  const show = (rung: Rung) => {
    const index = rungs.findIndex(({ id }) => id === rung.id);
    if (index === -1) rungs.push(rung);
    else rungs[index] = rung;
    onRung?.([...rungs]);
  };
  return {
    rungs,
    async step(id, waiting, work) {
      const started = performance.now();
      const tookMs = () => Math.round(performance.now() - started);
      show({ id, says: waiting, level: "running" });
      try {
        const { says, detail, level = "ok", value } = await work();
        show({ id, says, level, tookMs: tookMs(), ...(detail === undefined ? {} : { detail }) });
        return value;
      } catch (thrown) {
        if (!isProblem(thrown)) throw thrown;
        const { says, evidence, remedy } = thrown;
        show({
          id,
          says,
          level: "fail",
          tookMs: tookMs(),
          ...(evidence ? { evidence } : {}),
          ...(remedy ? { remedy } : {}),
        });
        throw thrown;
      }
    },
  };
}

/** "12 of 12 programs are there", and what is wrong with the others. */
function programsSay({ programs }: CheckoutFacts): { says: string; detail?: string; level: "ok" | "warn" } {
  const there = programs.filter(({ exists }) => exists);
  const good = programs.filter(({ compiles }) => compiles === true);
  const unread = there.length > 0 && there.every(({ compiles }) => compiles === undefined);
  const missing = programs.filter(({ exists }) => !exists).map(({ name, script }) => `${name} (${script}) is missing`);
  const broken = programs.flatMap(({ name, compiles }) =>
    typeof compiles === "string" ? [`${name}: ${compiles}`] : [],
  );
  const says = unread
    ? `${there.length} of ${programs.length} programs are there; this machine has no Python yet to compile them with.`
    : `${good.length} of ${programs.length} programs are there and compile.`;
  const troubles = [...missing, ...broken];
  return troubles.length === 0 ? { says, level: "ok" } : { says, detail: troubles.join("; "), level: "warn" };
}

/**
 * Looks at the checkout that an answer names, read-only, rung by rung, and stops at the first that does not hold.
 * Missing programs do not stop it: whether to go on without them is for the person to say.
 * @param onRung told of the rungs so far each time that one changes.
 */
export async function inspectCheckout(
  answer: Answers["checkout"],
  machine: Machine,
  { home, signal, onRung }: { home: string; signal?: AbortSignal; onRung?: (rungs: Rung[]) => void },
): Promise<CheckoutInspection> {
  const ladder = climb(onRung);
  try {
    if (answer.kind === "clone") return await inspectClone(answer, machine, home, ladder, signal);
    return await inspectTree(expandHome(answer.path, home), machine, ladder, signal);
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return { rungs: ladder.rungs, accepted: false, says: thrown.says, problem: plain(thrown) };
  }
}

function plain({ code, says, remedy, evidence }: Problem) {
  return { code, says, ...(remedy ? { remedy } : {}), ...(evidence ? { evidence } : {}) };
}

async function inspectClone(
  answer: Extract<Answers["checkout"], { kind: "clone" }>,
  machine: Machine,
  home: string,
  ladder: Climb,
  signal?: AbortSignal,
): Promise<CheckoutInspection> {
  const into = expandHome(answer.into, home);
  await ladder.step("folder", "Looking at the folder.", async () => {
    await checkCloneTarget(machine, into);
    return { says: `${into} can be cloned into.`, value: undefined };
  });
  await ladder.step("repository", "Asking the repository.", async () => {
    const { found } = await checkRepository(machine, answer.url, answer.commit, signal);
    return { says: "The repository answers.", ...(found ? { detail: found } : {}), value: undefined };
  });
  return { rungs: ladder.rungs, accepted: true, says: "It can be cloned; its programs are looked at then." };
}

async function inspectTree(
  root: string,
  machine: Machine,
  ladder: Climb,
  signal?: AbortSignal,
): Promise<CheckoutInspection> {
  await ladder.step("exists", "Looking for the folder.", async () => {
    const real = await machine.files.realPath(root);
    // Where it is missing, the next rung's own question says so in its sentence.
    if (real === undefined) await recogniseTree(machine, root);
    return {
      says: `${root} is there.`,
      ...(real === root || real === undefined ? {} : { detail: real }),
      value: undefined,
    };
  });
  await ladder.step("is-recio", "Looking whether it is REC.IO.", async () => {
    await recogniseTree(machine, root);
    return { says: "It is REC.IO.", value: undefined };
  });
  // The interpreter of a later environment is not there yet: any that fits reads the sources equally well.
  const checkout = recioCheckout({ root, machine, paths: statePaths(resolve(join(root, "..", ".no-state-yet"))) });
  const facts = await ladder.step("programs", "Reading its programs.", async () => {
    const value = await checkout.inspect(signal);
    return { ...programsSay(value), value };
  });
  await ladder.step("commit", "Asking git.", async () => {
    if (facts.commit === undefined)
      return {
        says: "It is no git working tree, so changes to its files cannot be told.",
        level: "warn",
        value: undefined,
      };
    const changed = facts.dirty.length;
    const says =
      changed === 0
        ? `Commit ${facts.commit.slice(0, 7)}, nothing changed.`
        : `Commit ${facts.commit.slice(0, 7)}, with ${changed} changed or unknown ${changed === 1 ? "file" : "files"}.`;
    return {
      says,
      value: undefined,
      ...(changed === 0 ? {} : { level: "warn" as const, detail: facts.dirty.slice(0, 5).join("; ") }),
    };
  });
  const archive = await ladder.step("archive", "Looking for the archive.", async () => {
    const value = await newestArchive({ machine, checkout });
    if (value) return { says: "The archive of BTC fingerprints is there.", detail: value, value };
    return {
      says: "The archive of BTC fingerprints is missing, so system data cannot be built from it.",
      level: "warn",
      value,
    };
  });
  const missing = facts.programs.filter(({ compiles }) => compiles !== true);
  return {
    rungs: ladder.rungs,
    accepted: facts.missingFiles.length === 0,
    says:
      facts.missingFiles.length > 0
        ? `${facts.missingFiles[0]} is missing from it.`
        : missing.length > 0
          ? `It can be installed only without ${missing.map(({ name }) => name).join(", ")}.`
          : "It can be installed.",
    ...(facts.missingFiles.length > 0
      ? {
          problem: {
            code: "checkout.files-missing",
            says: `${facts.missingFiles.join(", ")} ${facts.missingFiles.length === 1 ? "is" : "are"} missing from the checkout.`,
            remedy: sentence("Take the missing files from the repository again (git checkout -- FILE)."),
          },
        }
      : {}),
    facts: {
      root,
      ...(facts.commit === undefined ? {} : { commit: facts.commit }),
      programs: facts.programs.map(({ name, script, exists, compiles, port, namedIn }) => ({
        name,
        script,
        exists,
        ...(compiles === undefined ? {} : { compiles }),
        ...(port === undefined ? {} : { port }),
        namedIn: [...namedIn],
      })),
      missing: missing.map(({ name }) => name),
      dirty: [...facts.dirty],
      archive: archive !== undefined,
    },
  };
}
