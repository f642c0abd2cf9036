import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { repairedBy, sentence } from "../../../problem.ts";
import {
  type ProgramsUser,
  programsGetOwnUser,
  programsUser,
  programsUserName,
} from "../../../supervisor/programs-user/programs-user.ts";
import { type Barriers, commandFor, lookAtBarriers } from "../../../supervisor/programs-user/reach.ts";
import type { World } from "../../../world.ts";

type Needs = Pick<World, "machine" | "paths" | "checkout" | "supervisor">;

export interface ProgramsUserFacts {
  /** Who installs: an ordinary user's programs run as that user. */
  own: boolean;
  name: string;
  made: boolean;
  barriers: Barriers;
  /** False where the state folder keeps the user from what is opened for it. */
  stateOpen: boolean;
  /** False where there is an interpreter for the programs and their user may not run it. */
  mayRun: boolean;
  /** Programs that run as somebody else than the user. */
  others: string[];
}

const make = repairedBy("create-programs-user", "Give REC.IO's programs their own user");

export function judgeProgramsUser({
  own,
  name,
  made,
  barriers,
  stateOpen,
  mayRun,
  others,
}: ProgramsUserFacts): Finding {
  if (!own)
    return { level: "ok", says: "REC.IO's programs run as the user who installed them, without root's rights." };
  if (!made)
    return { level: "fail", says: `The user ${name}, as whom REC.IO's programs run, is not there.`, remedy: make };
  const closed = [...barriers.pass, ...barriers.read];
  if (closed.length > 0)
    return {
      level: "fail",
      says: `REC.IO's programs may not read their checkout: ${closed.length === 1 ? "a folder is" : "folders are"} closed to their user.`,
      remedy: make,
      evidence: { asked: closed.join(", "), cameBack: `or open it yourself: ${commandFor(barriers)}` },
    };
  if (!stateOpen)
    return { level: "fail", says: "REC.IO's programs may not pass through the state folder.", remedy: make };
  if (!mayRun)
    return {
      level: "fail",
      says: `The user ${name} may not run the Python of REC.IO's programs.`,
      remedy: repairedBy("create-python-environment", "Make the Python environment again"),
      evidence: { asked: "the interpreter", cameBack: "a Python in somebody's home folder is closed to other users" },
    };
  if (others.length > 0)
    return {
      level: "fail",
      says: `${others.join(", ")} ${others.length === 1 ? "runs" : "run"} as another user than REC.IO's own.`,
      remedy: sentence("Restart REC.IO with npm run recio -- restart."),
      objects: others,
    };
  return { level: "ok", says: `REC.IO's programs run as ${name}, a user without rights of its own.` };
}

/** Whom each running program belongs to, where that can be seen. */
async function runningAsOthers({ machine, supervisor }: Needs, uid: number): Promise<string[]> {
  if ((await supervisor.daemon().catch(() => undefined)) === undefined) return [];
  const others: string[] = [];
  for (const { name, pid, state } of await supervisor.programs().catch(() => [])) {
    if (pid === undefined || state !== "RUNNING") continue;
    const facts = await machine.files.facts(`/proc/${pid}`);
    if (facts && facts.uid !== uid) others.push(name);
  }
  return others;
}

async function mayRun({ machine, checkout }: Needs, who: ProgramsUser): Promise<boolean> {
  if (!(await machine.files.facts(checkout.python))) return true;
  const { code } = await machine.exec("test", ["-x", checkout.python], { as: who, cwd: "/", timeoutMs: 10_000 });
  return code === 0;
}

/** Looks at the user and at what it may use. */
export async function lookAtProgramsUser(world: Needs): Promise<ProgramsUserFacts> {
  const name = programsUserName(world.paths);
  const nothing = { name, made: false, barriers: { pass: [], read: [] }, stateOpen: true, mayRun: true, others: [] };
  if (!(await programsGetOwnUser(world))) return { ...nothing, own: false };
  const who = await programsUser(world);
  if (!who) return { ...nothing, own: true };
  const state = await world.machine.files.facts(world.paths.state);
  return {
    own: true,
    name,
    made: true,
    barriers: await lookAtBarriers(world),
    stateOpen: state?.gid === who.gid && (state.mode & 0o010) !== 0,
    mayRun: await mayRun(world, who),
    others: await runningAsOthers(world, who.uid),
  };
}

/** Set up by root, the programs run as an unprivileged user of their own, which may read what they need. */
export const programsUserProbe: AnyProbe = probe({
  id: "programs-user",
  title: "REC.IO's programs run without root's rights",
  group: "Safety",
  label: "machine",
  everyMs: 180_000,
  timeoutMs: 60_000,
  collect: (world: Needs) => lookAtProgramsUser(world),
  judge: judgeProgramsUser,
});

/** What a machine must have before such a user can be made. */
export const ownUserPossibleProbe: AnyProbe = probe({
  id: "programs-user-possible",
  title: "REC.IO's programs can get a user of their own",
  group: "Machine",
  label: "machine",
  everyMs: 300_000,
  async collect(world: Pick<World, "machine" | "paths">) {
    const own = await programsGetOwnUser(world);
    const needed = ["useradd", "userdel"];
    const missing: string[] = [];
    if (own) for (const tool of needed) if (!(await world.machine.find(tool))) missing.push(tool);
    return { own, missing, linux: (await world.machine.facts()).platform === "linux" };
  },
  judge({ own, missing, linux }): Finding {
    if (!own) return { level: "ok", says: "They run as the user who installs them." };
    if (!linux)
      return {
        level: "fail",
        says: "On this system root cannot give REC.IO's programs a user of their own.",
        remedy: sentence("Run the setup as an ordinary user: then they run as that user, without root's rights."),
      };
    if (missing.length === 0) return { level: "ok", says: "This system can make a user for them." };
    return {
      level: "fail",
      says: `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not on this machine, so REC.IO's programs cannot get a user of their own.`,
      remedy: sentence("Install the package passwd (or shadow-utils), or run the setup as an ordinary user."),
    };
  },
});
