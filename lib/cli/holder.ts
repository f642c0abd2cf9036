import { Problem, sentence } from "../problem.ts";
import { type CallInput, type CallName, type CallOutput, carryOut } from "../server/control/calls.ts";
import { askServer } from "../server/control/control-client.ts";
import { lockHolder, takeLock } from "../server/state/lock.ts";
import type { DoorContext } from "./door.ts";

/** Whoever holds the state: a running server, or this door itself. */
export interface Holder {
  served: boolean;
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  close(): Promise<void>;
}

/** A server that has taken the lock needs a moment until its socket answers. */
const patienceMs = 10_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function servedBy(socket: string): Holder {
  return {
    served: true,
    async call(name, input) {
      const answer = await askServer(socket, name, input as never);
      if (answer === undefined)
        throw new Problem({
          code: "control.no-answer",
          says: "The server has ended meanwhile.",
          remedy: sentence("Run the command again."),
        });
      return answer as never;
    },
    close: async () => {},
  };
}

/**
 * Finds the holder of the state. Where nobody holds it, this process takes the lock and makes a runtime of its own, and
 * `close` gives both up.
 * @throws Problem `state.held` where another door is at work.
 */
export async function openHolder(
  { paths, settings, kind, build, makeRuntime }: DoorContext,
  { leaving = false } = {},
): Promise<Holder> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    if (await askServer(paths.controlSocket, "status", {}, { timeoutMs: 5_000 })) return servedBy(paths.controlSocket);
    const other = lockHolder(paths.lock);
    if (!other || Date.now() > deadline) break;
    await pause(50);
  }
  const lock = takeLock(paths.lock);
  try {
    const runtime = await makeRuntime({ settings, paths, kind, version: build.version, leaving });
    return {
      served: false,
      call: (name, input) => carryOut(runtime, name, input),
      async close() {
        await runtime.shutdown();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Borrows the holder for the length of a callback.
 * @param options.leaving the callback only takes back
 */
export async function withHolder<T>(
  context: DoorContext,
  work: (holder: Holder) => Promise<T>,
  options: { leaving?: boolean } = {},
): Promise<T> {
  const holder = await openHolder(context, options);
  try {
    return await work(holder);
  } finally {
    await holder.close();
  }
}
