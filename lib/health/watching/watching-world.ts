import { stampOf } from "../../machine/kept-reading.ts";
import type { ProgramState, Supervisor } from "../../supervisor/supervisor.ts";
import type { World } from "../../world.ts";
import { forWatching } from "./shared-reading.ts";

/** Whatever else says that nothing has changed: after so long supervisord itself is asked. */
const keptMs = 10_000;
const nothing = stampOf(undefined);

/**
 * supervisord as one who watches it all day asks it. It writes a line into its log with every state that it gives to a
 * program, so that as long as its log is the same, and it and its programs live, the states are the ones that it told.
 */
function watchedSupervisor({
  supervisor,
  machine,
  paths,
}: Pick<World, "supervisor" | "machine" | "paths">): Supervisor {
  let last: { at: number; log: string; daemon: string | undefined; states: Promise<ProgramState[]> } | undefined;
  const stamps = async () => ({
    log: stampOf(await machine.files.facts(paths.supervisorLog)),
    daemon: await machine.files.read(paths.supervisorPid),
  });

  async function programs(): Promise<ProgramState[]> {
    const now = await stamps();
    if (
      last &&
      now.log !== nothing &&
      last.log === now.log &&
      last.daemon === now.daemon &&
      Date.now() - last.at < keptMs
    ) {
      const states = await last.states;
      const pids = [Number(now.daemon), ...states.flatMap(({ pid }) => pid ?? [])];
      if ((await Promise.all(pids.map((pid) => machine.alive(pid)))).every(Boolean)) return states;
    }
    // The log is looked at before supervisord is asked: a state that changes in between is asked for again.
    const asked = { at: Date.now(), ...now, states: supervisor.programs() };
    last = asked;
    asked.states.catch(() => {
      if (last === asked) last = undefined;
    });
    return asked.states;
  }

  return { ...supervisor, programs };
}

/** The world as the monitor asks it: the same answers for less. Steps and doors ask the world itself. */
export function watchingWorld(world: World): World {
  const { postgres, kalshi } = world;
  return {
    ...world,
    postgres: forWatching(postgres),
    kalshi: forWatching(kalshi),
    supervisor: forWatching(watchedSupervisor(world)),
  };
}
