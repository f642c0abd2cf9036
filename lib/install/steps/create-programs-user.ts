import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Change, type Job, type Step, step } from "../../engine/step.ts";
import { programsUserProbe } from "../../health/probes/machine/programs-user.ts";
import type { Owner } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";
import {
  makeProgramsFolder,
  type ProgramsUser,
  programsGetOwnUser,
  programsUser,
  programsUserName,
  programsUserNote,
  userIn,
} from "../../supervisor/programs-user/programs-user.ts";
import { type Barriers, changeGrants, lookAtBarriers } from "../../supervisor/programs-user/reach.ts";
import type { World } from "../../world.ts";

type Needs = Pick<World, "machine" | "paths" | "checkout" | "supervisor">;

/** What was made. `granted` is what the user was let through to, `state` whose the state folder was. */
type Receipt = {
  name: string;
  made: boolean;
  granted: Barriers;
  state: { uid: number; gid: number; mode: number } | null;
};

/** Another useradd at work holds the lists of users for a moment. */
const patienceMs = 30_000;
const listsAreLocked = 1;
const stillInUse = 8;
const endingMs = 5_000;
const numberTaken = 4;

/** Numbers of system users, below those of people: login.defs of Debian and of Fedora. */
const systemNumbers = { most: 999, least: 201 };

/**
 * The number of the new user, as useradd wants to hear it: one that nobody has and under which nothing runs. A container
 * or another tree may have a user of the same number that this system's list does not know, and its programs could be
 * signalled by ours, and keep userdel from its work.
 */
async function freeNumber({ machine: { files } }: Needs): Promise<string[]> {
  const taken = new Set<number>();
  for (const list of ["/etc/passwd", "/etc/group"])
    for (const line of ((await files.read(list)) ?? "").split("\n")) taken.add(Number(line.split(":")[2]));
  for (const pid of (await files.list("/proc")).filter((name) => /^\d+$/.test(name)))
    taken.add((await files.facts(join("/proc", pid)).catch(() => undefined))?.uid ?? 0);
  for (let number = systemNumbers.most; number >= systemNumbers.least; number--)
    if (!taken.has(number)) return ["--uid", String(number)];
  return [];
}

/** Runs a tool of the system's user list, and again while another one holds the list or a process ends. */
async function withPatience(
  { machine }: Pick<World, "machine">,
  program: string,
  argsNow: () => Promise<readonly string[]>,
  tryAgainOn: readonly number[],
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const args = await argsNow();
    const { code, stderr } = await machine.exec(program, args, { cwd: "/" });
    if (code === 0) return;
    if (code !== null && tryAgainOn.includes(code) && Date.now() < deadline) {
      await delay(200);
      continue;
    }
    throw new Problem({
      code: "programs-user.system-refuses",
      says: `${program} refuses to ${program === "useradd" ? "make" : "remove"} the user ${args.at(-1)}.`,
      remedy: sentence("Look at what it said, and try again."),
      evidence: { asked: [program, ...args].join(" "), cameBack: stderr.trim().slice(-300) || `exit status ${code}` },
    });
  }
}

async function makeUser(world: Needs, job: Job<Receipt>): Promise<ProgramsUser> {
  const { machine, paths } = world;
  const name = programsUserName(paths);
  const known = userIn((await machine.files.read("/etc/passwd")) ?? "", name);
  if (known && known.note !== programsUserNote(paths))
    throw new Problem({
      code: "programs-user.name-taken",
      says: `There is a user ${name} on this machine that was not made here.`,
      remedy: sentence("Remove that user, or name another state folder (REC_SETUP_STATE)."),
    });
  const shell = (await machine.find("nologin")) ?? "/bin/false";
  const nature = ["--system", "--user-group", "--no-create-home", "--no-log-init"];
  if (!known) {
    const words = ["--home-dir", paths.programs, "--shell", shell, "--comment", programsUserNote(paths), name];
    const args = async () => [...nature, ...(await freeNumber(world)), ...words];
    await withPatience(world, "useradd", args, [listsAreLocked, numberTaken]);
    job.log(`the user ${name} is made: no password, no shell, no home`);
  }
  const made = await programsUser(world);
  if (made) return made;
  throw new Error(`useradd made ${name}, and it is not in /etc/passwd`);
}

/** Opens the state folder for the user's group to pass through: what may be read in it is said folder by folder. */
async function openState({ machine, paths }: Needs, { gid }: Owner): Promise<void> {
  await machine.files.setOwner(paths.state, 0, gid);
  await machine.files.setMode(paths.state, 0o710);
}

async function removeUser(world: Needs, name: string): Promise<void> {
  const { machine, paths } = world;
  const known = userIn((await machine.files.read("/etc/passwd")) ?? "", name);
  if (known?.note !== programsUserNote(paths)) return;
  const begun = Date.now();
  // Our programs have ended by then: what still runs under the number is of another tree, whose list of users has it too.
  const args = async () => (Date.now() - begun > endingMs ? ["--force", name] : [name]);
  await withPatience(world, "userdel", args, [listsAreLocked, 10, stillInUse]);
  const group = new RegExp(`^${name}:`, "m");
  // userdel takes the group of the same name with it where the system is set so.
  if (group.test((await machine.files.read("/etc/group")) ?? ""))
    await withPatience(world, "groupdel", async () => [name], [10]);
}

/**
 * Set up by root, REC.IO's programs run as a user of their own: pages that run commands for whoever asks them must not do
 * so with root's rights. Installed by an ordinary user there is nothing to do.
 */
export const createProgramsUser: Step<"machine" | "paths" | "checkout" | "supervisor", Receipt> = step({
  id: "create-programs-user",
  title: "Create the programs' user",
  why: "REC.IO's pages run commands without asking for a password. As a user of their own, its programs can read their checkout and write their own folders, and nothing else of this machine.",
  probes: [programsUserProbe],
  async describe(world): Promise<Change[]> {
    if (!(await programsGetOwnUser(world))) return [];
    const { paths } = world;
    const name = programsUserName(paths);
    const { pass, read } = await lookAtBarriers(world);
    const made: Change[] = (await programsUser(world))
      ? []
      : [
          {
            what: "user",
            target: name,
            detail: "and its group: no password, no shell, no home; REC.IO's programs run as it",
          },
          { what: "folder", target: paths.state, detail: `0710, its group ${name} may pass through` },
          { what: "folder", target: paths.programs, detail: `0700, ${name}'s own` },
        ];
    return [
      ...made,
      ...pass.map(
        (target): Change => ({
          what: "folder",
          target,
          detail: `${name} alone may pass through from now on (x, by ACL)`,
        }),
      ),
      ...read.map(
        (target): Change => ({
          what: "folder",
          target,
          detail: `${name} alone may read what is closed in it from now on (r, by ACL)`,
        }),
      ),
    ];
  },
  async run(world, job): Promise<Receipt> {
    const { machine, paths } = world;
    const name = programsUserName(paths);
    await machine.files.makeFolder(paths.state, 0o700);
    const before = await machine.files.facts(paths.state);
    const receipt: Receipt = { name, made: false, granted: { pass: [], read: [] }, state: null };
    if (!(await programsUser(world))) {
      receipt.made = true;
      await job.spent(receipt);
    }
    const user = await makeUser(world, job);
    if (before && before.gid !== user.gid) receipt.state = { uid: before.uid, gid: before.gid, mode: before.mode };
    await job.spent(receipt);
    await openState(world, user);
    await makeProgramsFolder(world);
    // After the user was removed from outside, what it had left belongs to a number that nobody has.
    await machine.exec("chown", ["-hR", "--", `${user.uid}:${user.gid}`, paths.programs], { cwd: "/" });
    receipt.granted = await lookAtBarriers(world);
    await job.spent(receipt);
    await changeGrants(world, "grant", user.uid, receipt.granted);
    return receipt;
  },
  undo: {
    async takeBack(world, { name, made, granted, state }, job) {
      const { machine, paths } = world;
      const user = await programsUser(world);
      if (user) await changeGrants(world, "take back", user.uid, granted);
      if (!made) return;
      await machine.files.removeTree(paths.programs);
      if (state && (await machine.files.facts(paths.state))) {
        await machine.files.setOwner(paths.state, state.uid, state.gid);
        await machine.files.setMode(paths.state, state.mode);
      }
      await removeUser(world, name);
      job.log(`the user ${name} and its group are removed`);
    },
  },
});
