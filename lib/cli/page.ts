import { createInterface } from "node:readline/promises";
import { localMachine } from "../machine/local-machine.ts";
import type { ServerStatus } from "../server/control/calls.ts";
import { askServer } from "../server/control/control-client.ts";
import { judgePort } from "../server/port-choice.ts";
import { startServer } from "../server/start-server.ts";
import { lockHolder } from "../server/state/lock.ts";
import { readServerRecord } from "../server/state/server-record.ts";
import { defaultPorts } from "../settings.ts";
import type { DoorContext } from "./door.ts";

const patienceMs = 30_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The server of this world, where one runs or is just starting. */
async function runningServer({ paths }: DoorContext): Promise<ServerStatus | undefined> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const status = await askServer(paths.controlSocket, "status", {}, { timeoutMs: 5_000 });
    if (status?.ready) return status;
    if ((!status && !lockHolder(paths.lock)) || Date.now() > deadline) return status;
    await pause(50);
  }
}

/** Asks at the terminal; Enter means yes. */
async function agreed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return !/^n/i.test((await terminal.question(`${question} [Y/n] `)).trim());
  } finally {
    terminal.close();
  }
}

/** The port to use, or the server that has just taken it: a keeper starts one that crashed at any moment. */
async function choosePort(context: DoorContext, wanted: number, door: string): Promise<number | ServerStatus> {
  const command = `npm run ${door} --${context.kind === "rehearsal" ? " --rehearsal" : ""}`;
  const taken = await judgePort(wanted, localMachine({ stateFolder: context.paths.state }), command);
  if (!taken) return wanted;
  const meanwhile = await runningServer(context);
  if (meanwhile) return meanwhile;
  if (!context.interactive || taken.offered === undefined) throw taken.problem;
  context.say(taken.problem.says);
  if (!(await agreed(`Use port ${taken.offered} instead?`))) throw taken.problem;
  return taken.offered;
}

/**
 * The server of this world: the one that runs, else a new one.
 * @throws Problem `server.port-taken`, naming who holds the port, or why the server did not start.
 */
export async function ensureServer(context: DoorContext, door: string, dev = false): Promise<ServerStatus> {
  const running = await runningServer(context);
  if (running) {
    if (context.port !== undefined && context.port !== running.port)
      context.say(`The page is on already, at port ${running.port}.`);
    return running;
  }
  const { settings, kind, paths, build } = context;
  const port = await choosePort(
    context,
    context.port ?? readServerRecord(paths.server)?.port ?? defaultPorts[context.kind],
    door,
  );
  if (typeof port !== "number") return port;
  return startServer(settings, build.buildFolder, { state: paths.state, kind, port, version: build.version, dev });
}

/** A link that lets one browser in, once, within ten minutes. The code stands in the fragment, which no request carries. */
export async function mintLink(
  context: DoorContext,
  { port }: ServerStatus,
): Promise<{ link: string; expiresAt: number } | undefined> {
  const minted = await askServer(context.paths.controlSocket, "mint-code", {}, { timeoutMs: 5_000 });
  return minted && { link: `http://localhost:${port}/#code=${minted.code}`, expiresAt: minted.expiresAt };
}
