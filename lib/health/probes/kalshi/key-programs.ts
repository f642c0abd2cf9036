import { join } from "node:path";
import { hookRecord } from "../../../checkout/hook/hook-files.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { keptReading } from "../../../machine/kept-reading.ts";
import { isProblem, repairedBy } from "../../../problem.ts";
import type { World } from "../../../world.ts";

/** A program that holds the key, and since when it runs; undefined where it does not. */
export interface KeyProgram {
  name: string;
  startedAt?: number;
}

export interface KeyProgramFacts {
  /** When the pair on disk or the account mode was last written, in milliseconds since the epoch. */
  keyAt: number | undefined;
  /** False where the chosen key or environment is still to be put in place: whatever runs now holds another one. */
  chosenIsInPlace: boolean;
  programs: readonly KeyProgram[];
}

const namesTheKey = keptReading((text = "") => /KALSHI_API_KEY_ID|kalshi\.pem/.test(text));

/**
 * The programs whose code reads the key's files. kalshi_account_sync_ws.py:95-99 (26c9406) does so once, when it is
 * imported: it signs with what was there then until it is started again.
 */
export async function programsWithKey({ checkout, machine }: Pick<World, "checkout" | "machine">): Promise<string[]> {
  const supervised = await checkout.supervised();
  const reading = await Promise.all(
    supervised.map(async ({ name, script }) => {
      const holds = usualHolders.includes(name) || (await namesTheKey(machine.files, checkout.at(script)));
      return holds ? [name] : [];
    }),
  );
  return reading.flat();
}

/** They hold it in every version that is known, also where a module of theirs reads the files. */
const usualHolders: readonly string[] = ["kalshi_account_sync", "trade_executor"];

/** supervisord tells the second in which a program was started. */
const secondMs = 1_000;

export function judgeKeyPrograms({ keyAt, programs, chosenIsInPlace }: KeyProgramFacts): Finding {
  const holding = programs.filter(({ startedAt }) => startedAt !== undefined).map(({ name }) => name);
  if (!chosenIsInPlace && holding.length > 0)
    return {
      level: "fail",
      says: `${holding.join(" and ")} ${holding.length === 1 ? "runs" : "run"} with another Kalshi key than the one that is chosen.`,
      objects: holding,
      remedy: repairedBy("restart-key-programs", "Start the programs that hold the key anew"),
    };
  if (keyAt === undefined) return { level: "ok", says: "There is no key that a program could hold." };
  const older = programs
    .filter(({ startedAt }) => startedAt !== undefined && startedAt + secondMs <= keyAt)
    .map(({ name }) => name);
  if (older.length > 0)
    return {
      level: "fail",
      says: `${older.join(" and ")} ${older.length === 1 ? "was" : "were"} started before the Kalshi key was written, and may sign with the one before.`,
      objects: older,
      remedy: repairedBy("restart-key-programs", "Start the programs that hold the key anew"),
    };
  const running = programs.filter(({ startedAt }) => startedAt !== undefined).map(({ name }) => name);
  return running.length > 0
    ? {
        level: "ok",
        says: `${running.join(" and ")} ${running.length === 1 ? "was" : "were"} started with the key that is installed.`,
      }
    : { level: "ok", says: "No program that holds the key runs." };
}

/** Whether what runs signs with what is on disk. */
export function keyProgramsProbe(answers: Pick<Answers, "kalshi">): AnyProbe {
  const { environment } = answers.kalshi;
  return probe<"checkout" | "machine" | "supervisor" | "paths" | "kalshi", KeyProgramFacts>({
    id: "kalshi-key-programs",
    title: "The programs hold the installed key",
    group: "Kalshi",
    label: "machine",
    everyMs: 30_000,
    async collect(world) {
      const { checkout, machine, supervisor, paths, kalshi } = world;
      const folder = checkout.credentials(environment);
      const files = [join(folder, "kalshi.pem"), join(folder, ".env"), paths.accountMode];
      const written = await Promise.all(files.map(async (file) => (await machine.files.facts(file))?.modifiedAt));
      const keyAt = written[0] === undefined ? undefined : Math.max(...written.map((at) => at ?? 0));
      const holders = await programsWithKey(world);
      const states = (await supervisor.daemon()) === undefined ? [] : await supervisor.programs();
      const programs = states
        .filter(({ name, state }) => holders.includes(name) && state === "RUNNING")
        .map(({ name, startedAt }) => ({ name, ...(startedAt === undefined ? {} : { startedAt }) }));
      const installed = await kalshi.installedKey().catch((thrown: unknown) => {
        if (isProblem(thrown)) return undefined;
        throw thrown;
      });
      const chosenIsInPlace =
        answers.kalshi.kind !== "key" ||
        (installed?.keyId === answers.kalshi.keyId && (await hookRecord(machine, paths))?.accountMode === environment);
      return { keyAt, programs, chosenIsInPlace };
    },
    judge: judgeKeyPrograms,
  }) as AnyProbe;
}
