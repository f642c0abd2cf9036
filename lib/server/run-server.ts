import { join } from "node:path";
import { projectRoot, statePaths } from "../paths.ts";
import { isProblem } from "../problem.ts";
import { installRuntime, type Runtime } from "../runtime.ts";
import { readSettings } from "../settings.ts";
import type { ServerStatus } from "./control/calls.ts";
import { serveControl } from "./control/control-server.ts";
import { paintOnce } from "./first-page.ts";
import { type Listener, listen, type RequestHandler } from "./listener/listener.ts";
import type { MakeRuntime } from "./make-runtime.ts";
import { loadNext } from "./next-handler.ts";
import { mintCode } from "./session/session.ts";
import { takeLock } from "./state/lock.ts";
import { removeIfThere, writePrivateFile } from "./state/private-file.ts";
import { identityOf } from "./state/process-identity.ts";
import { type ServerRecord, writeServerRecord } from "./state/server-record.ts";

/** The keeper does not start a server again that ended with one of these. */
const endedOnPurpose = 0;
const anotherTryMendsNothing = 78;
const endedByFault = 1;

/** Open streams have this long to say goodbye; the whole end takes under two seconds. */
const graceMs = 300;
const longestEndMs = 1_700;

export interface ServerOptions {
  /** The state folder, absolute. */
  state: string;
  kind: "real" | "rehearsal";
  port: number;
  version: string;
  dev: boolean;
  /** True where the parent is the keeper, which has to end too when the server is to stay ended. */
  kept: boolean;
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} server ${process.pid}: ${line}\n`);
}

async function statusOf(
  options: ServerOptions,
  startedAt: number,
  runtime: Runtime | undefined,
  ready: boolean,
): Promise<ServerStatus> {
  const health = runtime?.health();
  const runs = (await runtime?.runs()) ?? [];
  const inHand = runs.find((run) => run.status === "running");
  const finished = runs.some((run) => run.purpose === "install" && run.status === "done");
  return {
    pid: process.pid,
    port: options.port,
    version: options.version,
    kind: options.kind,
    startedAt,
    ready,
    installed: health?.installed ?? false,
    tradable: health?.tradable ?? false,
    settled: health?.installed === true || (finished && (await runtime?.installation()) !== undefined),
    ...(inHand ? { runId: inHand.runId } : {}),
  };
}

/**
 * The life of one server: takes the lock, listens, makes the runtime, loads Next, serves the control socket, and ends in
 * under two seconds on SIGTERM. Resolves never; the process ends with it.
 */
export async function runServer(
  options: ServerOptions,
  makeRuntime: MakeRuntime,
  loadPages: typeof loadNext = loadNext,
): Promise<void> {
  process.umask(0o077);
  const startedAt = Date.now();
  const paths = statePaths(options.state);
  const registered = join(projectRoot(), ".build", "servers", `${process.pid}.json`);
  const undo: (() => unknown)[] = [];
  let runtime: Runtime | undefined;
  let ready = false;
  let ending = false;
  let cannotStart: ServerRecord["problem"];

  const end = async (code: number, why: string): Promise<never> => {
    if (ending) return new Promise(() => {});
    ending = true;
    const began = performance.now();
    log(why);
    setTimeout(() => {
      log("something did not end in time");
      process.exit(code);
    }, longestEndMs).unref();
    for (const step of undo.reverse()) {
      try {
        await step();
      } catch (error) {
        log(`while ending: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
    log(`ended after ${Math.round(performance.now() - began)} ms`);
    process.exit(code);
  };
  process.on("SIGTERM", () => void end(endedOnPurpose, "ends, as it was told to"));
  process.on("SIGINT", () => void end(endedOnPurpose, "ends, as it was told to"));
  process.on("SIGHUP", () => log("the terminal is gone, the server stays"));
  process.on("uncaughtException", (error) => void end(endedByFault, `fault: ${error.stack}`));
  process.on("unhandledRejection", (error) =>
    log(`unhandled rejection: ${error instanceof Error ? error.stack : String(error)}`),
  );

  try {
    const lock = takeLock(paths.lock);
    undo.push(() => lock.release());
    undo.push(() =>
      writeServerRecord(paths.server, { port: options.port, ...(cannotStart ? { problem: cannotStart } : {}) }),
    );
    let open: (handler: RequestHandler) => void = () => {};
    let made: (runtime: Runtime) => void = () => {};
    const pages = new Promise<RequestHandler>((resolve) => {
      open = resolve;
    });
    const maker = new Promise<Runtime>((resolve) => {
      made = resolve;
    });
    const listener: Listener = await listen({
      port: options.port,
      sessionFile: paths.session,
      handle: async (request, response) => (await pages)(request, response),
      log,
    });
    undo.push(() => listener.close(graceMs));
    const control = await serveControl(
      paths.controlSocket,
      () => maker,
      {
        status: () => statusOf(options, startedAt, runtime, ready),
        mintCode: () => mintCode(paths.session),
        shutdown: () => setImmediate(() => void end(endedOnPurpose, "ends, as a door told it to")),
      },
      log,
    );
    undo.push(() => control.close().then(() => removeIfThere(paths.controlSocket)));
    const server = identityOf(process.pid);
    const keeper = options.kept ? { keeper: identityOf(process.ppid) } : {};
    writeServerRecord(paths.server, { port: options.port, server, ...keeper, version: options.version, startedAt });
    writePrivateFile(registered, JSON.stringify({ ...server, state: options.state, version: options.version }));
    undo.push(() => removeIfThere(registered));

    runtime = await makeRuntime({ settings: readSettings(), paths, kind: options.kind, version: options.version });
    const inPlace = runtime;
    // Streams are told first, then the listener gives them their moment.
    undo.push(() => inPlace.shutdown());
    installRuntime(inPlace);
    made(inPlace);
    open(await loadPages({ dir: projectRoot(), port: options.port, dev: options.dev }));
    if (!options.dev) await paintOnce(options.port);
    ready = true;
    log(
      `version ${options.version} answers at http://localhost:${options.port} (${listener.addresses.join(", ")}) after ${Date.now() - startedAt} ms`,
    );
  } catch (error) {
    if (!isProblem(error)) return end(endedByFault, `fault: ${error instanceof Error ? error.stack : String(error)}`);
    cannotStart = {
      code: error.code,
      says: error.says,
      ...(error.remedy?.kind === "sentence" ? { remedy: error.remedy } : {}),
    };
    await end(anotherTryMendsNothing, error.says);
  }
}
