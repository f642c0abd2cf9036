import { type Finding, probe } from "../../../engine/probe.ts";
import { isProblem, repairedBy } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { askProgram } from "../../program-client.ts";
import { routeFor } from "../../program-routes.ts";

type Needs = Pick<World, "machine" | "supervisor" | "checkout">;

/** A program that is there and does nothing. `how` completes its name to a sentence. */
export interface Hanging {
  name: string;
  how: string;
  /** The process that was halted: it does not hear that it shall end before it goes on. */
  halted?: number;
}

/** What every program that listens answers without looking anything up. */
const smallQuestion = "/api/ports";
/** Two busy cores answer it in a tenth of a second; what has not come by then does not come. */
const patienceMs = 8_000;
/** A program that was only just started may take connections before it answers them. */
const comesUpWithinMs = 20_000;

const startThem = repairedBy("start-services", "Start REC.IO's services");

/** The programs that supervisord calls RUNNING and that hang: their process is halted, or they take a question and never answer. */
export async function hangingPrograms(world: Needs, signal: AbortSignal): Promise<Hanging[]> {
  const { machine, supervisor, checkout } = world;
  if ((await supervisor.daemon()) === undefined) return [];
  const wanted = await checkout.supervised();
  const running = (await supervisor.programs()).filter(({ state }) => state === "RUNNING");
  const looked = await Promise.all(
    running.map(async ({ name, pid, startedAt }): Promise<Hanging[]> => {
      if (pid !== undefined && (await machine.halted(pid)))
        return [
          {
            name,
            how: `is halted: somebody stopped its process ${pid} with a signal, and it does nothing`,
            halted: pid,
          },
        ];
      const port = wanted.find((one) => one.name === name)?.port;
      if (port === undefined || Date.now() - (startedAt ?? 0) < comesUpWithinMs) return [];
      if ("refused" in routeFor(name, "GET", smallQuestion, [])) return [];
      try {
        await askProgram(world, { program: name, method: "GET", path: smallQuestion, timeoutMs: patienceMs }, signal);
        return [];
      } catch (thrown) {
        if (!isProblem(thrown) || thrown.code !== "program.no-answer") throw thrown;
        // What refuses the connection or breaks off is no longer there, which other questions tell.
        if (!/nothing came within/.test(thrown.evidence?.cameBack ?? thrown.says)) return [];
        return [
          { name, how: `hangs: it takes questions on port ${port} and answers none within ${patienceMs / 1000} s` },
        ];
      }
    }),
  );
  return looked.flat();
}

/** RUNNING also stands for a program whose process was halted, and for one that waits for ever. */
export const hangingProbe = probe({
  id: "programs-answer",
  title: "No program of REC.IO hangs",
  group: "Services",
  label: "machine",
  everyMs: 8_000,
  timeoutMs: 14_000,
  async collect(world: Needs, signal) {
    const { daemon, programs } = world.supervisor;
    const states = (await daemon()) === undefined ? [] : await programs();
    return { run: states.some(({ state }) => state === "RUNNING"), hanging: await hangingPrograms(world, signal) };
  },
  judge({ run, hanging }): Finding {
    if (!run) return { level: "fail", says: "No program of REC.IO runs, so none can answer.", remedy: startThem };
    if (hanging.length === 0)
      return { level: "ok", says: "Every program that runs is awake, and those that listen answer." };
    return {
      level: "fail",
      says: `${hanging.map(({ name, how }) => `${name} ${how}`).join("; ")}.`,
      remedy: repairedBy("start-services", "Start it anew, without its hanging process"),
      objects: hanging.map(({ name }) => name),
    };
  },
});
