import { dirname, join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";
import { findDaemon } from "../../supervisor/daemon.ts";
import type { World } from "../../world.ts";
import { foreignConfiguration } from "./processes.ts";
import type { DrillResult } from "./report.ts";

/** A supervisord of somebody else's, with a program of its own, that was there before anything of ours. */
export interface ForeignSupervisord {
  /** After everything: it and its program are the processes that they were. Both are ended then. */
  untouched(): Promise<DrillResult>;
}

async function processOf(machine: Machine, words: readonly string[]): Promise<number | undefined> {
  return (await machine.processes()).find(({ command }) => words.every((word) => command.includes(word)))?.pid;
}

/** Starts it in the run's folder. */
export async function startForeignSupervisord(
  world: Pick<World, "machine" | "paths" | "checkout">,
  folder: string,
): Promise<ForeignSupervisord> {
  const { machine } = world;
  const conf = join(folder, foreignConfiguration);
  const own = dirname(conf);
  await machine.files.makeFolder(own, 0o700);
  const text = [
    "[supervisord]",
    "user=root",
    `logfile=${join(own, "supervisord.log")}`,
    `pidfile=${join(own, "supervisord.pid")}`,
    "[unix_http_server]",
    `file=${join(own, "supervisor.sock")}`,
    "[rpcinterface:supervisor]",
    "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    // Under a name that REC.IO knows, so that whoever goes by names alone takes it for REC.IO's.
    "[program:trade_manager]",
    "command=/bin/sleep 86417",
    "",
  ].join("\n");
  await machine.files.write(conf, text, 0o600);
  await machine.exec((await findDaemon(world)) ?? "supervisord", ["-c", conf], { timeoutMs: 15_000 });
  const look = async () => ({
    daemon: await processOf(machine, ["supervisord", conf]),
    program: await processOf(machine, ["/bin/sleep", "86417"]),
  });
  const deadline = Date.now() + 15_000;
  let before = await look();
  while (before.program === undefined && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    before = await look();
  }
  if (before.daemon === undefined || before.program === undefined)
    throw new Problem({
      code: "recio-test.no-foreign-supervisord",
      says: "The other supervisord of this test does not start.",
      remedy: sentence("Install supervisor."),
    });
  return {
    async untouched() {
      const after = await look();
      for (const pid of [after.daemon, after.program]) if (pid !== undefined) await machine.end(pid, 15_000);
      return {
        name: "a supervisord that was there before",
        held: after.daemon === before.daemon && after.program === before.program,
        says: `It was process ${before.daemon} with ${before.program}; after the installation, the drills and the uninstall it was ${after.daemon ?? "gone"} with ${after.program ?? "none"}.`,
      };
    },
  };
}
