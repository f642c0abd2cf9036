import type { RunState } from "../engine/state.ts";
import { askServer } from "../server/control/control-client.ts";
import { stopServer } from "../server/start-server.ts";
import type { DoorContext } from "./door.ts";
import type { Holder } from "./holder.ts";
import { newLines } from "./print.ts";

/** How often a terminal looks at what it follows. */
const lookEveryMs = 500;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Follows one run in lines until it is over; returns how it stands then. */
export async function followRun(holder: Holder, runId: string, say: (line: string) => void): Promise<RunState> {
  let seen: RunState | undefined;
  for (;;) {
    const state = await holder.call("run-state", { runId });
    for (const line of newLines(seen, state)) say(line);
    if (state.status !== "running" && state.status !== "unborn") return state;
    seen = state;
    await pause(lookEveryMs);
  }
}

let interrupted = false;

/** True once Ctrl-C was pressed: what fails from then on fails because of it. */
export function wasInterrupted(): boolean {
  return interrupted;
}

/**
 * Ctrl-C: before an installation has come to its end it ends the server, afterwards it leaves it. Ends this process with
 * `exit`. The terminal and npm may both send the signal: the second one changes nothing.
 */
export function endOnInterrupt({ paths, say }: Pick<DoorContext, "paths" | "say">, exit: number, always = false): void {
  process.on("SIGINT", () => {
    if (interrupted) return;
    interrupted = true;
    void (async () => {
      const status = await askServer(paths.controlSocket, "status", {}, { timeoutMs: 500 }).catch(() => undefined);
      if (status?.settled && !always) say("The page stays on. npm run stop takes it off.");
      else {
        await stopServer(paths.state, 1_200);
        say(
          status?.runId
            ? "The page is off and the run is interrupted. npm run setup goes on with it."
            : "The page is off.",
        );
      }
      process.exit(exit);
    })();
  });
}

/**
 * Follows a server from a terminal: tells what its run does, and mints a new code on Enter. Resolves when the server is
 * gone. A closed terminal ends this process and nothing else.
 */
export async function followServer(
  { paths, say }: Pick<DoorContext, "paths" | "say">,
  onEnter: () => Promise<void>,
): Promise<void> {
  process.stdin.on("data", () => void onEnter().catch((error: unknown) => say(String(error))));
  // A question that was asked before has paused it, and a listener alone does not undo that.
  process.stdin.resume();
  let runId: string | undefined;
  let seen: RunState | undefined;
  for (;;) {
    let unanswered: unknown;
    const status = await askServer(paths.controlSocket, "status", {}, { timeoutMs: 30_000 }).catch(
      (thrown: unknown) => {
        // A server that dies while it is asked leaves the question without an answer.
        unanswered = thrown;
        return undefined;
      },
    );
    // The keeper starts a server that died again within seconds; a server that is away for longer was ended.
    if (!status && !(await comesBack(paths.controlSocket))) {
      if (unanswered) throw unanswered;
      return;
    }
    if (status?.runId && status.runId !== runId) {
      runId = status.runId;
      seen = undefined;
    }
    if (runId) {
      const state = await askServer(paths.controlSocket, "run-state", { runId }).catch(() => undefined);
      for (const line of state ? newLines(seen, state) : []) say(line);
      seen = state ?? seen;
      if (state && state.status !== "running") {
        say(`The run is over: ${state.status}.`);
        runId = undefined;
      }
    }
    await pause(lookEveryMs);
  }
}

async function comesBack(socket: string): Promise<boolean> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    await pause(lookEveryMs);
    if (await askServer(socket, "status", {}, { timeoutMs: 5_000 }).catch(() => undefined)) return true;
  }
  return false;
}
