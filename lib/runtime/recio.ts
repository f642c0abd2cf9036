import type { Runtime } from "../runtime.ts";
import { recioStatus, restartRecio, startRecio, stopRecio, tradesBeforeStop } from "../supervisor/recio.ts";
import type { ServiceJob } from "../supervisor/services.ts";
import type { World } from "../world.ts";

/** REC.IO itself: its programs, their logs, and starting and stopping them in the safe order. */
export interface RecioDoor {
  programs: Runtime["programs"];
  logTail: Runtime["logTail"];
  beforeStop: Runtime["beforeStop"];
  act: Runtime["recio"];
  bringBack: Runtime["bringBack"];
}

const actions = { start: startRecio, stop: stopRecio, restart: restartRecio };

/** @param world the world of the installed answers; throws a Problem where nothing is installed */
export function recioDoor(world: () => World): RecioDoor {
  let inHand: Promise<unknown> = Promise.resolve();
  const job: ServiceJob = { signal: new AbortController().signal, log: () => undefined };
  return {
    async programs() {
      const { programs } = await recioStatus(world());
      return programs.map(({ name, state, startedAt }) => ({
        name,
        state,
        ...(state === "RUNNING" && startedAt !== undefined ? { upForMs: Math.max(0, Date.now() - startedAt) } : {}),
      }));
    },
    logTail: (program, stream, lines) => world().supervisor.tail(program, stream, lines),
    beforeStop: async () => (await tradesBeforeStop(world())).says,
    act(action, program) {
      // Two clicks are two actions one after the other, never two hands in the same drawer.
      const work = inHand.then(() => actions[action](world(), job, program));
      inHand = work.catch(() => undefined);
      return work;
    },
    bringBack() {
      const work = inHand.then(async () => {
        if ((await world().supervisor.daemon()) !== undefined) return false;
        await startRecio(world(), job);
        return true;
      });
      inHand = work.catch(() => undefined);
      return work;
    },
  };
}
