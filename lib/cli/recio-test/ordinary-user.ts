import { join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot } from "../../paths.ts";
import { childEnvironment } from "../../settings.ts";
import { programsUser } from "../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../world.ts";
import { must } from "./namespace.ts";
import { kindOf, processesOf } from "./processes.ts";
import type { DrillResult } from "./report.ts";

/** Who calls the product's doors, from where, and with which state folder. */
export interface Caller {
  project: string;
  state: string;
  /** What has to be said on the command line so that the state is there. */
  stateOption: readonly string[];
  environment: Record<string, string>;
  /** Where files for the caller are put. */
  given: string;
  as?: { uid: number; gid: number };
}

/** No system gives this number to anybody by itself. */
const id = 28_001;
const name = "trader";
const home = `/home/${name}`;
const notCopied = new Set([".build", ".git", "test-results"]);

/** Where the ordinary user's checkout is: as the run sees it, and as it lies in the run's folder. */
export const userCheckout = { inside: `${home}/rec_io`, at: (folder: string) => join(folder, "home", name, "rec_io") };

/** Outside: a home with a copy of the project beside the checkout that is there already, all of it the user's own. */
export async function makeHome(machine: Machine, folder: string): Promise<void> {
  const project = join(folder, "home", name, "rec-io-setup");
  await machine.files.makeFolder(project, 0o755);
  for (const entry of await machine.files.list(projectRoot()))
    if (!notCopied.has(entry)) await must(machine, "cp", ["-a", join(projectRoot(), entry), project], 5 * 60_000);
  await must(machine, "chown", ["-R", `${id}:${id}`, join(folder, "home", name)], 60_000);
}

/** Inside the namespaces: the user exists and lives in /home; both are gone when the namespaces are. */
export async function moveIn(machine: Machine, folder: string): Promise<Caller> {
  const { files } = machine;
  await must(machine, "mount", ["--bind", join(folder, "home"), "/home"]);
  for (const [file, line] of [
    ["/etc/passwd", `${name}:x:${id}:${id}:An ordinary user:${home}:/bin/sh`],
    ["/etc/group", `${name}:x:${id}:`],
  ] as const) {
    const copy = join(folder, file.replaceAll("/", "-"));
    await files.write(copy, `${(await files.read(file))?.trimEnd()}\n${line}\n`, 0o644);
    await must(machine, "mount", ["--bind", copy, file]);
  }
  return {
    project: `${home}/rec-io-setup`,
    state: `${home}/.local/state/rec-io-setup`,
    stateOption: [],
    environment: { ...childEnvironment(), HOME: home, USER: name, LOGNAME: name },
    given: home,
    as: { uid: id, gid: id },
  };
}

/** Writes a file of the run where the caller can read it, and nobody else; returns its place. */
export async function give(machine: Machine, caller: Caller, file: string, content: string): Promise<string> {
  const place = join(caller.given, file);
  await machine.files.write(place, content, 0o600);
  if (caller.as) await machine.files.setOwner(place, caller.as.uid, caller.as.gid);
  return place;
}

/** Whether everything that runs for an ordinary user runs as that user: no program, server or daemon of root's. */
export async function runsAsCaller(machine: Machine, caller: Caller): Promise<DrillResult> {
  const running = await processesOf(machine, ["server", "keeper", "postgres", "supervisord", "program"]);
  const others: string[] = [];
  for (const one of running) {
    const uid = (await machine.files.facts(`/proc/${one.pid}`))?.uid;
    if (uid !== undefined && uid !== (caller.as?.uid ?? 0)) others.push(`${kindOf(one)} ${one.pid} of user ${uid}`);
  }
  return {
    name: "everything runs as the user who installed it",
    held: running.length > 0 && others.length === 0,
    says: others.join("; ") || `${running.length} processes, all of one user.`,
  };
}

/** Whether the programs that root installed run as the user that was made for them, and can use nothing of root's. */
export async function programsRunAsTheirOwnUser(world: World, machine: Machine): Promise<DrillResult> {
  const name = "the programs run as a user of their own";
  const user = await programsUser(world);
  if (!user) return { name, held: false, says: "There is no such user." };
  const programs = await processesOf(machine, ["program"]);
  const others: string[] = [];
  for (const { pid, command } of programs)
    if ((await machine.files.facts(`/proc/${pid}`))?.uid !== user.uid) others.push(command.slice(0, 120));
  const { paths, checkout } = world;
  const closed = [paths.secrets, paths.installerPassword, paths.postgresData, paths.runs, "/etc/shadow"];
  const unwritable = [checkout.root, checkout.at("backend"), paths.hook, paths.supervisorConf, paths.programLogs];
  const may = async (how: string, path: string) => (await machine.exec("test", [how, path], { as: user })).code === 0;
  const reached: string[] = [];
  for (const path of closed) if (await may("-r", path)) reached.push(`reads ${path}`);
  for (const path of unwritable) if (await may("-w", path)) reached.push(`writes ${path}`);
  return {
    name,
    held: programs.length > 0 && others.length + reached.length === 0,
    says:
      [...others, ...reached].join("; ") ||
      `${programs.length} programs run as ${user.name}; ${closed.length + unwritable.length} places are closed to it.`,
  };
}

/** Root's own doors: the project itself, the state in the run's folder. */
export function rootCaller(folder: string): Caller {
  const state = join(folder, "state");
  return {
    project: projectRoot(),
    state,
    stateOption: [`--state=${state}`],
    environment: childEnvironment(),
    given: folder,
  };
}
