import { spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, openSync, statfsSync } from "node:fs";
import { join, relative } from "node:path";
import { projectRoot, statePaths } from "../paths.ts";
import { Problem, sentence } from "../problem.ts";
import { childEnvironment, type Settings } from "../settings.ts";
import type { ServerStatus } from "./control/calls.ts";
import { askServer } from "./control/control-client.ts";
import type { ServerOptions } from "./run-server.ts";
import { serverArguments } from "./server-options.ts";
import { lockHolder } from "./state/lock.ts";
import { makePrivateFolder, readIfThere } from "./state/private-file.ts";
import { beganAt, stillRuns } from "./state/process-identity.ts";
import { readServerRecord, runningOf, writeServerRecord } from "./state/server-record.ts";

/** Less is no room for a server's records and log. */
const leastBytes = 1024 * 1024;
const largestLog = 5 * 1024 * 1024;
/** From spawn to the first page; Next takes a fifth of a second, a recovering runtime a little more. */
const patienceMs = 60_000;
const lookEveryMs = 50;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The environment of the server: the allow-list of children, and the settings as they were read here. */
function serverEnvironment(settings: Settings, buildFolder: string, dev: boolean): NodeJS.ProcessEnv {
  const site = dev ? undefined : readIfThere(join(buildFolder, "next", "required-server-files.json"));
  return {
    ...childEnvironment(),
    NODE_ENV: dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    REC_SETUP_KALSHI_PROD_URL: settings.kalshi.prod.rest,
    REC_SETUP_KALSHI_DEMO_URL: settings.kalshi.demo.rest,
    REC_SETUP_COINBASE_URL: settings.coinbaseUrl,
    REC_SETUP_KRAKEN_URL: settings.krakenUrl,
    // The resolved configuration of the build: see next-handler.ts.
    ...(dev ? { REC_SETUP_BUILD: relative(projectRoot(), buildFolder) } : {}),
    ...(site ? { __NEXT_PRIVATE_STANDALONE_CONFIG: JSON.stringify(JSON.parse(site).config) } : {}),
  };
}

/**
 * Starts the server under its keeper, in a session of its own with no descriptor of ours, and waits until it gives pages.
 * @param buildFolder the folder of the version: server.cjs, keeper.sh, next/
 * @throws Problem with which the server ended, or `server.did-not-start` with the last line of its log.
 */
export async function startServer(
  settings: Settings,
  buildFolder: string,
  options: Omit<ServerOptions, "kept">,
): Promise<ServerStatus> {
  const paths = statePaths(options.state);
  makePrivateFolder(paths.state);
  // The keeper of a server that was killed is about to start it again: two of them would fight for the state.
  const last = readServerRecord(paths.server);
  if (last?.server && !stillRuns(last.server)) await stopServer(options.state);
  // What an earlier server could not do must not be told of this one.
  writeServerRecord(paths.server, { port: options.port });
  const logFile = openSync(paths.serverLog, "a", 0o600);
  if (fstatSync(logFile).size > largestLog) ftruncateSync(logFile);
  const keeper = spawn(
    "/bin/sh",
    [
      join(buildFolder, "keeper.sh"),
      process.execPath,
      // Measured at rest, where collecting garbage was a third of all CPU: the young generation shrinks to 1 MB between
      // two beats and is then collected in the middle of each, so it keeps its 4 MB (more only takes memory); and waking
      // helper threads for a heap of 50 MB costs more than they save.
      "--max-semi-space-size=4",
      "--min-semi-space-size=4",
      "--single-threaded-gc",
      join(buildFolder, "server.cjs"),
      ...serverArguments({ ...options, kept: true }),
    ],
    {
      cwd: projectRoot(),
      detached: true,
      env: serverEnvironment(settings, buildFolder, options.dev),
      stdio: ["ignore", logFile, logFile],
    },
  );
  closeSync(logFile);
  await new Promise((resolve, reject) => keeper.once("spawn", resolve).once("error", reject));
  keeper.unref();
  const pid = keeper.pid as number;
  const identity = { pid, began: beganAt(pid) ?? "it ended at once" };
  // Until the server has written its own record, whoever wants to end it must find at least its keeper.
  writeServerRecord(paths.server, { port: options.port, keeper: identity });

  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const status = await askServer(paths.controlSocket, "status", {}, { timeoutMs: 5_000 }).catch(() => undefined);
    if (status?.ready) return status;
    const problem = readServerRecord(paths.server)?.problem;
    if (problem)
      throw new Problem({
        code: problem.code,
        says: problem.says,
        ...(problem.remedy ? { remedy: problem.remedy } : {}),
      });
    // Ours may have given way to one that another door has just started: then that one is the server.
    if (!stillRuns(identity) && !status && !lockHolder(paths.lock)) break;
    await pause(lookEveryMs);
  }
  const { bavail, bsize } = statfsSync(paths.state);
  const isFull = bavail * bsize < leastBytes;
  const lastLine = (readIfThere(paths.serverLog) ?? "").trim().split("\n").at(-1) ?? "";
  await stopServer(options.state);
  // On a full disk nobody could write down what kept it.
  if (isFull)
    throw new Problem({
      code: "machine.disk-full",
      says: `The server of the page did not start: the disk of ${paths.state} is full.`,
      remedy: sentence(
        "Free some disk space, or name a folder on a larger disk with --state. Nothing was written half.",
      ),
    });
  throw new Problem({
    code: "server.did-not-start",
    says: "The server of the page did not start.",
    remedy: sentence(`Its log is ${paths.serverLog}; the last line says: ${lastLine.slice(0, 300)}`),
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/**
 * Ends the server of a state folder and its keeper, and resolves when both are gone: asked over the socket, then TERM,
 * then KILL. False where none ran. REC.IO is not touched.
 */
export async function stopServer(state: string, patience = 2_500): Promise<boolean> {
  const paths = statePaths(state);
  const processes = runningOf(readServerRecord(paths.server));
  const asked = await askServer(paths.controlSocket, "shutdown", {}, { timeoutMs: 1_000 }).catch(() => undefined);
  if (processes.length === 0) return asked !== undefined;
  if (asked === undefined) for (const { pid } of processes) signal(pid, "SIGTERM");
  const deadline = Date.now() + patience;
  while (processes.some(stillRuns)) {
    if (Date.now() > deadline) for (const process of processes.filter(stillRuns)) signal(process.pid, "SIGKILL");
    await pause(20);
  }
  const record = readServerRecord(paths.server);
  if (record?.server ?? record?.keeper) writeServerRecord(paths.server, { port: record.port });
  return true;
}
