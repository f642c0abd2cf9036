import { stampOf } from "../machine/kept-reading.ts";
import { isProblem, Problem, repairedBy, sentence } from "../problem.ts";
import { type DaemonWorld, daemonPid, findDaemon, shutdownDaemon, startDaemon } from "./daemon.ts";
import { parseExits } from "./logs/exits.ts";
import { lastLines, maskSecrets } from "./logs/log-lines.ts";
import { programsUser } from "./programs-user/programs-user.ts";
import { callRpc, faultCode, faults } from "./rpc/rpc-client.ts";
import type { RpcValue } from "./rpc/xml-rpc.ts";
import { inSafeOrder } from "./safe-order.ts";
import type { ProgramState, Supervisor, UnexpectedExit } from "./supervisor.ts";

const pollMs = 150;
/** startretries=3 with supervisord's growing pauses takes about 10 s to become FATAL. */
const startsWithinMs = 40_000;
/** Ten seconds of stopwaitsecs, the kill after it, and some air. */
const stopsWithinMs = 20_000;
/** How much of supervisord's own log is looked at for programs that ended by themselves. */
const exitLogBytes = 128 * 1024;

/** The line that is written into a program's logs whenever we start it: "since start" begins there. */
export const startMark = "--- started by REC.IO Setup";

type Row = { [name: string]: RpcValue };

function programState(row: Row): ProgramState {
  const name = String(row.name);
  const moment = (field: string) => (Number(row[field]) > 0 ? { at: Number(row[field]) * 1000 } : undefined);
  const started = moment("start");
  const stopped = moment("stop");
  const exitStatus = Number(row.exitstatus);
  return {
    name,
    state: String(row.statename),
    ...(Number(row.pid) > 0 ? { pid: Number(row.pid) } : {}),
    ...(started ? { startedAt: started.at } : {}),
    // Where a spawn failed supervisord forgets the status and says 0; its log tells it (unexpectedExits).
    ...(stopped ? { stoppedAt: stopped.at, ...(row.spawnerr ? {} : { exitStatus }) } : {}),
    ...(row.spawnerr ? { spawnError: String(row.spawnerr) } : {}),
  };
}

/** Our supervisord of this installation. Every call but findDaemon and the logs needs it to run. */
export function supervisor(world: DaemonWorld): Supervisor {
  const { machine, paths } = world;
  const call = (method: string, parameters: RpcValue[] = [], timeoutMs?: number) =>
    callRpc(paths.supervisorSocket, `supervisor.${method}`, parameters, timeoutMs ? { timeoutMs } : {});

  const programs = async (): Promise<ProgramState[]> =>
    inSafeOrder(((await call("getAllProcessInfo")) as Row[]).map(programState));

  let exitsKnown: { stamp: string; all: UnexpectedExit[] } | undefined;

  const endOf = async (path: string, bytes: number): Promise<string> => {
    // The file and not supervisord: its answer breaks where the cut falls into the middle of a character.
    return (await machine.files.tail(path, bytes)) ?? "";
  };

  const tail: Supervisor["tail"] = async (program, stream, lines) =>
    lastLines(await endOf(`${paths.programLogs}/${program}.${stream}.log`, Math.max(16_384, lines * 512)), lines);

  const unknown = (program: string) =>
    new Problem({
      code: "supervisor.program-unknown",
      says: `supervisord does not know ${program}.`,
      remedy: repairedBy("write-supervisor-configuration", "Write supervisord's configuration again"),
    });

  const unexpectedExits: Supervisor["unexpectedExits"] = async (since) => {
    const facts = await machine.files.facts(paths.supervisorLog);
    if (!facts) return [];
    const stamp = stampOf(facts);
    if (exitsKnown?.stamp !== stamp)
      exitsKnown = { stamp, all: parseExits(await endOf(paths.supervisorLog, exitLogBytes), 0) };
    return exitsKnown.all.filter(({ at }) => at >= since);
  };

  const didNotCome = async (program: string, why: string): Promise<Problem> => {
    const [err, out, exits] = await Promise.all([tail(program, "err", 6), tail(program, "out", 6), unexpectedExits(0)]);
    const last = exits.findLast((one) => one.program === program);
    const lines = [
      ...(last ? [last.how] : []),
      ...err.map((line) => `err: ${line}`),
      ...out.map((line) => `out: ${line}`),
    ];
    return new Problem({
      code: "supervisor.program-does-not-start",
      says: `${program} does not start: ${why}.`,
      remedy: sentence(`Read the log of ${program}, mend what its last lines name, and start it again.`),
      evidence: { asked: `start ${program}`, cameBack: lines.join("\n") || "both logs are empty" },
    });
  };

  const mark = async (program: string) => {
    const line = `${startMark} ${new Date().toISOString()} ---\n`;
    const mode = (await programsUser(world)) ? 0o640 : 0o600;
    for (const stream of ["out", "err"]) {
      await machine.files
        .append(`${paths.programLogs}/${program}.${stream}.log`, line, mode)
        // A program can do its work without a mark in its log, and nobody's stop-loss waits for room on a disk.
        .catch((thrown: unknown) => {
          if (!isProblem(thrown) || thrown.code !== "machine.disk-full") throw thrown;
        });
    }
  };

  const untilRunning = async (program: string) => {
    const deadline = Date.now() + startsWithinMs;
    for (;;) {
      const now = (await programs()).find(({ name }) => name === program);
      if (now?.state === "RUNNING") return;
      const exit = now?.exitStatus === undefined ? "" : `, exit status ${now.exitStatus}`;
      if (!now || ["FATAL", "EXITED", "STOPPED", "UNKNOWN"].includes(now.state)) {
        throw await didNotCome(program, `${now?.spawnError || `it is ${now?.state ?? "unknown"}`}${exit}`);
      }
      if (Date.now() > deadline) {
        throw await didNotCome(program, `it is ${now.state} after ${startsWithinMs / 1000} s${exit}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  };

  const stop: Supervisor["stop"] = async (program) => {
    try {
      await call("stopProcess", [program, true], stopsWithinMs);
    } catch (thrown) {
      if (faultCode(thrown) === faults.badName) throw unknown(program);
      if (faultCode(thrown) !== faults.notRunning) throw thrown;
    }
  };

  return {
    findDaemon: () => findDaemon(world),
    daemon: () => daemonPid(world),
    startDaemon: () => startDaemon(world),
    shutdown: () => shutdownDaemon(world),
    programs,
    tail,
    stop,

    async start(program) {
      await mark(program);
      try {
        await call("startProcess", [program, false]);
      } catch (thrown) {
        const code = faultCode(thrown);
        if (code === faults.badName) throw unknown(program);
        if (code !== faults.alreadyStarted) {
          if (isProblem(thrown) && code !== undefined) {
            throw await didNotCome(program, maskSecrets(thrown.evidence?.cameBack ?? "supervisord refuses"));
          }
          throw thrown;
        }
      }
      await untilRunning(program);
    },

    async reread() {
      const [[added, changed, removed]] = (await call("reloadConfig")) as [[string[], string[], string[]]];
      const gone = inSafeOrder([...changed, ...removed].map((name) => ({ name }))).reverse();
      for (const { name } of gone) {
        await call("stopProcessGroup", [name, true], stopsWithinMs);
        await call("removeProcessGroup", [name]);
      }
      for (const { name } of inSafeOrder([...changed, ...added].map((name) => ({ name })))) {
        await call("addProcessGroup", [name]);
      }
    },

    unexpectedExits,
  };
}
