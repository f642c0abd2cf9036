import type { Machine, ProcessFacts } from "../../machine/machine.ts";

/** What a process of the run is. "program" is one of REC.IO's, "stand-in" and "self" are this test's own. */
export type Kind = "door" | "server" | "keeper" | "postgres" | "supervisord" | "program" | "other";

/** The end of the configuration of the supervisord that is not ours. */
export const foreignConfiguration = "/foreign/supervisord.conf";

/** Tells by the command line what a process is. Pure. */
export function kindOf({ command }: Pick<ProcessFacts, "command">): Kind {
  if (/setup\.cjs (setup|start|stop|doctor|recio|uninstall)\b/.test(command)) return "door";
  // The keeper's arguments are the server's command line, so it is asked for first.
  if (command.includes("keeper.sh")) return "keeper";
  if (/\bserver\.cjs\b/.test(command)) return "server";
  if (/(^|\/)postgres( -D|:)/.test(command)) return "postgres";
  if (/supervisord? .*-c |supervisord -c /.test(command))
    return command.includes(foreignConfiguration) ? "other" : "supervisord";
  if (/python[\d.]* .*\/backend\//.test(command)) return "program";
  return "other";
}

/** The processes of some kinds, this one and the first of the namespace left out. */
export async function processesOf(machine: Machine, kinds: readonly Kind[]): Promise<ProcessFacts[]> {
  return (await machine.processes()).filter(
    (one) => one.pid !== process.pid && one.pid !== 1 && kinds.includes(kindOf(one)),
  );
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

const goesWithinMs = 5_000;

/** Kills processes as a crash does, with no chance to tidy up, and waits until they are gone. Returns what was killed. */
export async function killAll(machine: Machine, processes: readonly ProcessFacts[]): Promise<string[]> {
  const killed = processes.filter(({ pid }) => kill(pid));
  const deadline = Date.now() + goesWithinMs;
  for (const { pid, command } of killed) {
    while (await machine.alive(pid)) {
      if (Date.now() > deadline) throw new Error(`process ${pid} outlives SIGKILL: ${command.slice(0, 200)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return killed.map((one) => kindOf(one));
}
