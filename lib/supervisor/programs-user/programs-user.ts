import { createHash } from "node:crypto";
import type { FileFacts } from "../../machine/machine.ts";
import type { World } from "../../world.ts";

/** A user of the operating system that REC.IO's programs run as, and nobody else. */
export interface ProgramsUser {
  name: string;
  uid: number;
  gid: number;
}

type Needs = Pick<World, "machine" | "paths">;

/** The user's name: one for each state folder, so that two installations on a machine do not share one. Pure. */
export function programsUserName({ state }: Needs["paths"]): string {
  return `rec-io-setup-${createHash("sha256").update(state).digest("hex").slice(0, 8)}`;
}

/** What is written beside the name in the system's list of users: by it a user of ours is told from one that only has its name. */
export function programsUserNote({ state }: Needs["paths"]): string {
  // A colon parts the fields of that list, a comma the fields of a note, and neither can be written otherwise.
  return `REC.IO Setup ${state.replace(/[:,\n=]/g, "_")}`;
}

/** True where this root can be somebody else: in a container whose user namespace knows one user it is an ordinary user. Pure. */
export function mapsSeveralUsers(uidMap: string | undefined): boolean {
  if (uidMap === undefined) return true;
  const counts = uidMap.split("\n").map((line) => Number(line.trim().split(/\s+/)[2] ?? 0));
  return counts.reduce((sum, count) => sum + count, 0) > 1;
}

/**
 * Whether the programs get a user of their own: where root installs. Installed by an ordinary user they run as that user,
 * who could not give them another, and so they do for a root who is the only user of a container.
 */
export async function programsGetOwnUser({ machine }: Pick<World, "machine">): Promise<boolean> {
  const { root } = await machine.facts();
  return root && mapsSeveralUsers(await machine.files.read("/proc/self/uid_map"));
}

export interface NamedUser extends ProgramsUser {
  note: string;
}

/** One user of the system's list, by name. Pure. */
export function userIn(passwd: string, name: string): NamedUser | undefined {
  const fields = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .find(([first]) => first === name);
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
  if (!fields || !Number.isInteger(uid) || !Number.isInteger(gid)) return undefined;
  return { name, uid, gid, note: fields[4] ?? "" };
}

/** The user that the programs run as, or undefined where they run as whoever runs this, or it is not made yet. */
export async function programsUser(world: Needs): Promise<ProgramsUser | undefined> {
  if (!(await programsGetOwnUser(world))) return undefined;
  const found = userIn((await world.machine.files.read("/etc/passwd")) ?? "", programsUserName(world.paths));
  if (found?.note !== programsUserNote(world.paths)) return undefined;
  const { name, uid, gid } = found;
  return { name, uid, gid };
}

/** Makes the one folder of the state that the programs write in, if it is not there: 0700 and theirs. */
export async function makeProgramsFolder(world: Needs): Promise<ProgramsUser | undefined> {
  const user = await programsUser(world);
  await world.machine.files.makeFolder(world.paths.programs, 0o700, user);
  return user;
}

/** True where somebody else than the owner may use a file; the group of the programs' user may read what is for it. Pure. */
export function openToOthers({ mode, gid }: Pick<FileFacts, "mode" | "gid">, user: ProgramsUser | undefined): boolean {
  return (mode & (user && gid === user.gid ? 0o027 : 0o077)) !== 0;
}
