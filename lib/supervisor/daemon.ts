import { basename, dirname, join } from "node:path";
import type { Checkout } from "../checkout/checkout.ts";
import type { Machine, ProcessFacts } from "../machine/machine.ts";
import type { StatePaths } from "../paths.ts";
import { isProblem, Problem, repairedBy, sentence } from "../problem.ts";
import { daemonEnvironment } from "./program-environment.ts";
import { callRpc } from "./rpc/rpc-client.ts";

export interface DaemonWorld {
  machine: Machine;
  paths: StatePaths;
  checkout: Checkout;
}

const pollMs = 100;
const comesWithinMs = 15_000;
/** supervisord itself gives each program 10 s (stopwaitsecs) before it kills it. */
const goesWithinMs = 30_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The arguments of a process; where the system does not part them, the words of its command line. */
const argumentsOf = (process: ProcessFacts) => (process.args.length > 0 ? process.args : process.command.split(" "));

/** The supervisord of the virtual environment, else the system's, installed or unpacked. */
export async function findDaemon({ machine, checkout }: DaemonWorld): Promise<string | undefined> {
  const system = await machine.packages.place("/usr/bin/supervisord");
  const places = [join(dirname(checkout.python), "supervisord"), system, "supervisord"];
  for (const place of places) {
    const found = await machine.find(place);
    if (found) return found;
  }
  return undefined;
}

/** True where the command line of a process says that it is a supervisord on our configuration. */
function onOurConfiguration(process: ProcessFacts, paths: StatePaths): boolean {
  const args = argumentsOf(process);
  // supervisorctl carries the same -c, so the program's own name decides.
  return args.some((word) => basename(word) === "supervisord") && args[args.indexOf("-c") + 1] === paths.supervisorConf;
}

/** A supervisord on our configuration by its command line, whether or not it answers. */
async function processOf({ machine, paths }: DaemonWorld): Promise<number | undefined> {
  return (await machine.processes()).find((process) => onOurConfiguration(process, paths))?.pid;
}

/**
 * pid of our supervisord, or undefined where none runs. Ours is what answers on our socket (in a 0700 folder) and is
 * named by our pid file or, where that file was lost, by its command line.
 * @throws Problem `supervisor.foreign` where something else answers there, `supervisor.no-answer` where it hangs.
 */
export async function daemonPid(world: DaemonWorld): Promise<number | undefined> {
  const { paths, machine } = world;
  let pid: number;
  try {
    pid = Number(await callRpc(paths.supervisorSocket, "supervisor.getPID", [], { timeoutMs: 3_000 }));
  } catch (thrown) {
    if (isProblem(thrown) && thrown.code === "supervisor.not-running") return undefined;
    throw thrown;
  }
  const written = Number((await machine.files.read(paths.supervisorPid))?.trim());
  if (written === pid || (await processOf(world)) === pid) return pid;
  throw new Problem({
    code: "supervisor.foreign",
    says: "A supervisord that is not ours answers on our socket.",
    remedy: sentence("Stop that supervisord and try again."),
    evidence: { asked: paths.supervisorSocket, cameBack: `process ${pid}` },
  });
}

/**
 * Ends programs of ours that a killed supervisord left behind: they hold their ports, and nobody would restart them.
 * Ours are those that our own interpreter runs on a script of our checkout. Returns their names' scripts.
 */
async function endOrphans({ machine, checkout }: DaemonWorld): Promise<string[]> {
  const ended: string[] = [];
  for (const process of await machine.processes()) {
    const [interpreter, script] = argumentsOf(process);
    if (interpreter !== checkout.python || !script?.startsWith(`${checkout.root}/backend/`)) continue;
    await machine.end(process.pid);
    ended.push(script.slice(checkout.root.length + 1));
  }
  return ended;
}

async function untilGone({ machine }: DaemonWorld, pid: number): Promise<boolean> {
  const deadline = Date.now() + goesWithinMs;
  while (await machine.alive(pid)) {
    if (Date.now() > deadline) return false;
    await pause(pollMs);
  }
  return true;
}

/**
 * Starts supervisord on our configuration; nothing else is started with it. It makes itself a daemon (nodaemon=false):
 * a session of its own and no descriptor of ours, so neither a closed terminal nor the end of our server ends it, and
 * a configuration that it refuses is told by its exit status before it goes into the background.
 * @throws Problem `supervisor.not-found`, `supervisor.no-configuration`, `supervisor.does-not-start`.
 */
export async function startDaemon(world: DaemonWorld): Promise<void> {
  const { machine, paths } = world;
  if (await daemonPid(world)) return;
  const program = await findDaemon(world);
  if (!program) {
    throw new Problem({
      code: "supervisor.not-found",
      says: "supervisord is not on this machine.",
      remedy: repairedBy("install-system-packages", "Install supervisor"),
    });
  }
  if (!(await machine.files.facts(paths.supervisorConf))) {
    throw new Problem({
      code: "supervisor.no-configuration",
      says: "supervisord's configuration is not written yet.",
      remedy: repairedBy("write-supervisor-configuration", "Write supervisord's configuration"),
    });
  }
  // One that lost its socket still holds its programs: it is asked to end them before another takes its place.
  const mute = await processOf(world);
  if (mute !== undefined) await machine.end(mute, goesWithinMs);
  await endOrphans(world);
  // supervisord opens its own log before it takes up its umask, so the file is made for it.
  await machine.files.append(paths.supervisorLog, "", 0o600);
  const { code, stderr, stdout } = await machine.exec(program, ["-c", paths.supervisorConf], {
    cwd: paths.supervisor,
    env: daemonEnvironment(),
    timeoutMs: comesWithinMs,
  });
  const refusal = (cameBack: string) =>
    new Problem({
      code: "supervisor.does-not-start",
      says: "supervisord does not start on our configuration.",
      remedy: repairedBy("write-supervisor-configuration", "Write supervisord's configuration again"),
      evidence: { asked: `${program} -c supervisord.conf`, cameBack },
    });
  if (code !== 0) throw refusal((stderr || stdout).trim().split("\n").slice(-3).join(" ") || `exit status ${code}`);
  const deadline = Date.now() + comesWithinMs;
  while (!(await daemonPid(world))) {
    if (Date.now() > deadline) throw refusal(`no answer on its socket within ${comesWithinMs / 1000} s`);
    await pause(pollMs);
  }
}

/** Stops every program and supervisord itself; resolves when the process is gone. Nothing to do where none runs. */
export async function shutdownDaemon(world: DaemonWorld): Promise<void> {
  const pid = await daemonPid(world);
  if (pid === undefined) {
    const mute = await processOf(world);
    if (mute !== undefined) await world.machine.end(mute, goesWithinMs);
    await endOrphans(world);
    return;
  }
  await callRpc(world.paths.supervisorSocket, "supervisor.shutdown");
  if (await untilGone(world, pid)) return;
  await world.machine.end(pid);
  await endOrphans(world);
}
