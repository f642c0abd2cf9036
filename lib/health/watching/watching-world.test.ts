import { expect, test } from "playwright/test";
import type { FileFacts } from "../../machine/machine.ts";
import { Problem } from "../../problem.ts";
import type { ProgramState } from "../../supervisor/supervisor.ts";
import type { World } from "../../world.ts";
import { watchingWorld } from "./watching-world.ts";

/** A supervisord of words: its log grows when a test says so, and the test decides who lives. */
function supervisordOfWords() {
  const words = {
    asked: 0,
    log: 100 as number | undefined,
    dead: new Set<number>(),
    states: [{ name: "main_app", state: "RUNNING", pid: 7 }] as ProgramState[],
    refuses: false,
  };
  const world = {
    paths: { supervisorLog: "/log", supervisorPid: "/pid" },
    machine: {
      alive: async (pid: number) => !words.dead.has(pid),
      files: {
        facts: async () => words.log && ({ kind: "file", size: words.log } as FileFacts),
        read: async () => "5\n",
      },
    },
    supervisor: {
      async programs() {
        words.asked += 1;
        if (words.refuses) throw new Problem({ code: "supervisor.not-running", says: "supervisord does not run." });
        return words.states;
      },
    },
    postgres: {},
    kalshi: {},
  } as unknown as World;
  return { words, watching: watchingWorld(world) };
}

test("as long as supervisord's log and its programs are the same, it is asked once", async () => {
  const { words, watching } = supervisordOfWords();
  for (let time = 0; time < 5; time++) expect(await watching.supervisor.programs()).toBe(words.states);
  expect(words.asked).toBe(1);
});

test("a line in its log, a program that died, and supervisord's own death are seen at the next look", async () => {
  const { words, watching } = supervisordOfWords();
  const { supervisor } = watching;
  await supervisor.programs();
  words.states = [{ name: "main_app", state: "STOPPED" }];
  words.log = 180;
  expect(await supervisor.programs()).toEqual([{ name: "main_app", state: "STOPPED" }]);
  words.states = [{ name: "main_app", state: "RUNNING", pid: 8 }];
  words.log = 260;
  await supervisor.programs();
  words.dead.add(8);
  words.states = [{ name: "main_app", state: "EXITED" }];
  expect(await supervisor.programs()).toEqual([{ name: "main_app", state: "EXITED" }]);
  words.dead.add(5);
  words.refuses = true;
  await expect(supervisor.programs()).rejects.toMatchObject({ code: "supervisor.not-running" });
  await expect(supervisor.programs()).rejects.toMatchObject({ code: "supervisor.not-running" });
});

test("without a log that could tell of a change, supervisord is asked each time", async () => {
  const { words, watching } = supervisordOfWords();
  words.log = undefined;
  await watching.supervisor.programs();
  await watching.supervisor.programs();
  expect(words.asked).toBe(2);
});
