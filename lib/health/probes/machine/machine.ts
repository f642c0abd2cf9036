import { join } from "node:path";
import {
  findInterpreters,
  fits,
  type Interpreter,
  leastMinor,
  mostMinor,
} from "../../../checkout/python/find-python.ts";
import { gridOf } from "../../../data/checkout-grid.ts";
import { rowsOf } from "../../../data/lookup-grid.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import type { MachineFacts } from "../../../machine/machine.ts";
import { projectRoot } from "../../../paths.ts";
import { isProblem, repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { networkProbes } from "./machine-network.ts";
import { systemPackagesProbe } from "./machine-packages.ts";
import { portProbes } from "./machine-ports.ts";
import { secondRecioProbes } from "./machine-second-recio.ts";
import { ownUserPossibleProbe } from "./programs-user.ts";

const gigabyte = 1e9;
const inGigabytes = (bytes: number) =>
  bytes < 0.95 * gigabyte ? `${Math.floor((bytes / gigabyte) * 1000)} MB` : `${(bytes / gigabyte).toFixed(1)} GB`;

/** Is it a system that this product knows, with a package manager that it can speak to? */
export function judgeSystem({ platform, system, packageTool }: MachineFacts): Finding {
  if (platform !== "linux" && platform !== "darwin") {
    const remedy = sentence("Run it on Linux or macOS; on Windows, inside WSL.");
    return { level: "fail", says: `REC.IO does not run on ${system}.`, remedy };
  }
  if (packageTool === "none") {
    const remedy = sentence("Install what a later step names as missing with this system's own means.");
    return {
      level: "warn",
      says: `${system} has neither apt, dnf nor brew, so packages cannot be installed here.`,
      remedy,
    };
  }
  return { level: "ok", says: `${system}, with ${packageTool}.` };
}

export interface DiskFacts {
  freeBytes: number;
  /** Of the file system that holds the programs' logs, which may be one of its own. */
  logsFreeBytes: number;
  /** False until the database cluster or the lookup is there: then the big part is still to be written. */
  filled: boolean;
  /** How many rows the checkout's lookup has. */
  lookupRows: number;
}

/** With less than this no log grows any more: supervisord loses what it cannot write, and says so nowhere. */
export const fullBytes = 1_000_000;

/** A row of the lookup with its key is 107 bytes, its write-ahead log as much again, and building it wants some more. */
const bytesOfRow = 283;

/**
 * Room for what is still to come: 2.5 GB for the 8.84 million rows of REC.IO's lookup, and half a gigabyte for the cluster
 * and for logs. A checkout with a smaller lookup needs less.
 */
export function judgeDisk(
  { freeBytes, logsFreeBytes, filled, lookupRows }: DiskFacts,
  data: Answers["data"]["kind"],
): Finding {
  const whole = data === "archive" ? 0.5 * gigabyte + lookupRows * bytesOfRow : gigabyte;
  const needed = filled ? 0.3 * gigabyte : whole;
  const says = `${inGigabytes(freeBytes)} of disk are free`;
  const remedy = sentence("Free some disk space, or name a state folder on a larger disk (REC_SETUP_STATE).");
  if (freeBytes < needed) return { level: "fail", says: `${says}, and ${inGigabytes(needed)} are needed.`, remedy };
  if (logsFreeBytes < fullBytes)
    return {
      level: "fail",
      says: "The disk of the programs' logs is full: what REC.IO's programs write there is lost.",
      remedy: sentence("Free some space on the disk that holds the logs; the programs go on by themselves."),
    };
  if (freeBytes < gigabyte) return { level: "warn", says: `${says}: REC.IO's price log and its logs grow.`, remedy };
  return { level: "ok", says: filled ? `${says}.` : `${says}; ${inGigabytes(needed)} are needed.` };
}

/** Twelve Python programs take 0.6 GB, PostgreSQL and this page 0.3 GB (facts/recio-run.md section 3). */
export function judgeMemory({ memoryBytes, memoryFreeBytes }: MachineFacts): Finding {
  // A machine that is sold with 2 GB shows its system a little less.
  if (memoryBytes < 1.8 * gigabyte) {
    const remedy = sentence("Give this machine 2 GB of memory or more.");
    return {
      level: "fail",
      says: `This machine has ${inGigabytes(memoryBytes)} of memory, and REC.IO needs 2 GB.`,
      remedy,
    };
  }
  if (memoryFreeBytes < 0.2 * gigabyte) {
    const remedy = sentence("End programs that are not needed here, or give this machine more memory.");
    return {
      level: "warn",
      says: `Only ${inGigabytes(memoryFreeBytes)} of ${inGigabytes(memoryBytes)} of memory are free.`,
      remedy,
    };
  }
  return { level: "ok", says: `${inGigabytes(memoryBytes)} of memory, ${inGigabytes(memoryFreeBytes)} of it free.` };
}

export interface PythonFacts {
  interpreters: readonly Interpreter[];
  packageTool: MachineFacts["packageTool"];
}

/** Is there a Python that REC.IO's packages exist for? */
export function judgePython(
  { interpreters, packageTool }: PythonFacts,
  packages: Answers["python"]["packages"],
): Finding {
  const wanted = `Python 3.${leastMinor} to 3.${mostMinor}`;
  if (packages === "system" && packageTool !== "apt") {
    const remedy = sentence("Choose pip for the Python packages.");
    return { level: "fail", says: "Debian's Python packages exist only on systems with apt.", remedy };
  }
  const good = interpreters.find(({ version }) => fits(version));
  if (good) return { level: "ok", says: `Python ${good.version.join(".")}.` };
  const newest = interpreters[0];
  if (packages === "system" && !newest)
    return {
      level: "warn",
      says: "There is no Python here yet; it comes with the packages of the operating system.",
      remedy: repairedBy("install-system-packages", "Install Python."),
    };
  const remedy =
    packages === "system"
      ? sentence(`Choose pip for the Python packages, and install ${wanted} beside the system's own.`)
      : sentence(`Install ${wanted} with this system's package manager and try again.`);
  const says = newest
    ? `Python here is ${newest.version.join(".")}, and REC.IO needs ${wanted}.`
    : `No Python was found; REC.IO needs ${wanted}.`;
  return { level: "fail", says, remedy };
}

export interface ClockFacts {
  now: number;
  /** When the newest known file was written: the clock cannot be right before that. */
  notBefore: number;
  /** The exchange's clock, less half of the way there and back, where it answered. */
  exchangeTime?: number;
}

/** Kalshi refuses signatures whose time is off by more than some seconds; the minute is what a person must mend. */
export function judgeClock({ now, notBefore, exchangeTime }: ClockFacts): Finding {
  const remedy = sentence("Let this machine take its time from the network (timedatectl set-ntp true).");
  if (now + 60_000 < notBefore)
    return { level: "fail", says: "The clock of this machine is in the past: files here are newer.", remedy };
  if (exchangeTime === undefined)
    return { level: "ok", says: "The clock is plausible; no other clock answered to compare it with." };
  const offSeconds = Math.round((now - exchangeTime) / 1000);
  const says = `The clock of this machine is ${Math.abs(offSeconds)} s ${offSeconds < 0 ? "behind" : "ahead of"} Kalshi's.`;
  if (Math.abs(offSeconds) > 30) return { level: "fail", says, remedy };
  if (Math.abs(offSeconds) > 4) return { level: "warn", says, remedy };
  return { level: "ok", says: `The clock agrees with Kalshi's within ${Math.max(1, Math.abs(offSeconds))} s.` };
}

async function exchangeTime(world: Pick<World, "kalshi">, signal: AbortSignal): Promise<number | undefined> {
  try {
    const { serverTime, tookMs } = await world.kalshi.get(world.kalshi.environment, "/exchange/status", signal);
    // The header says whole seconds, so its middle is half a second later.
    return serverTime === undefined ? undefined : serverTime + 500 + tookMs / 2;
  } catch (thrown) {
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}

const machineProbe = <Facts>(
  id: string,
  title: string,
  everyMs: number,
  collect: (world: Pick<World, "machine">) => Promise<Facts>,
  judge: (facts: Facts) => Finding,
) => probe({ id, title, group: "Machine", label: "machine", everyMs, collect, judge });

/**
 * Everything that the machine must be, have, reach and leave free for these answers. Ports are asked where the checkout
 * that names them is there; packages where nobody agreed to have them installed, because then no step can put it right.
 */
export function machineProbes(answers: Pick<Answers, "checkout" | "data" | "python" | "consent">): AnyProbe[] {
  const there = answers.checkout.kind === "path";
  return [
    ...ownProbes(answers),
    ownUserPossibleProbe,
    ...networkProbes,
    ...secondRecioProbes,
    ...(there ? portProbes : []),
    ...(there && !answers.consent.systemPackages ? [systemPackagesProbe(answers)] : []),
  ];
}

/** What the machine itself is. */
function ownProbes(answers: Pick<Answers, "data" | "python">): AnyProbe[] {
  return [
    machineProbe(
      "machine-system",
      "This system is one that REC.IO runs on",
      600_000,
      ({ machine }) => machine.facts(),
      judgeSystem,
    ),
    probe({
      id: "machine-disk",
      title: "There is room on the disk",
      group: "Machine",
      label: "machine",
      everyMs: 10_000,
      async collect(world: Pick<World, "machine" | "paths" | "checkout">): Promise<DiskFacts> {
        const { machine, paths } = world;
        const filled =
          (await machine.files.facts(paths.postgresData)) ?? (await machine.files.facts(paths.installation));
        return {
          freeBytes: await machine.freeBytes(paths.state),
          logsFreeBytes: await machine.freeBytes(paths.programLogs),
          filled: filled !== undefined,
          lookupRows: rowsOf(await gridOf(world)),
        };
      },
      judge: (facts) => judgeDisk(facts, answers.data.kind),
    }),
    machineProbe("machine-memory", "There is enough memory", 30_000, ({ machine }) => machine.facts(), judgeMemory),
    machineProbe(
      "machine-python",
      "There is a Python that REC.IO's packages exist for",
      600_000,
      async ({ machine }): Promise<PythonFacts> => ({
        interpreters: await findInterpreters(machine, answers.python.packages),
        packageTool: (await machine.facts()).packageTool,
      }),
      (facts) => judgePython(facts, answers.python.packages),
    ),
    probe({
      id: "machine-clock",
      title: "The clock is right",
      group: "Machine",
      label: "machine",
      everyMs: 60_000,
      async collect(world: Pick<World, "machine" | "paths" | "kalshi">, signal): Promise<ClockFacts> {
        const { files } = world.machine;
        const known = await Promise.all(
          [world.paths.state, join(projectRoot(), "package.json")].map((path) => files.facts(path)),
        );
        const theirs = await exchangeTime(world, signal);
        return {
          now: Date.now(),
          notBefore: Math.max(0, ...known.map((facts) => facts?.modifiedAt ?? 0)),
          ...(theirs === undefined ? {} : { exchangeTime: theirs }),
        };
      },
      judge: judgeClock,
    }),
  ];
}
