import { join } from "node:path";
import { expect, test } from "playwright/test";
import { projectRoot } from "../../paths.ts";
import { kill, leftOf, living, type Part, portsOf } from "../test-kills.ts";
import { type DoorAnswer, type TestRehearsal, testRehearsal } from "../test-rehearsal.ts";
import { isInstalled, until } from "../test-switches.ts";
import { takeTurn } from "../test-turn.ts";
import { chance, course, oneOf } from "./test-chance.ts";
import { type Telling, telling } from "./test-telling.ts";

const attempts = 4;
const everything: readonly Part[] = [
  "door",
  "keeper",
  "server",
  "postgres",
  "source",
  "supervisord",
  "outside",
  "program",
];
const { seed, rounds } = course(8);
const random = chance(seed);
const answers = join(projectRoot(), "e2e/answers/rehearsal.json");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long each part takes where nobody kills anything: the room for a random moment. */
const lasts = { install: 45_000, uninstall: 8_000 };

let rehearsal: TestRehearsal;
let next: () => Promise<void>;
test.beforeAll(async () => {
  test.setTimeout(900_000);
  next = await takeTurn();
});
test.afterAll(async () => {
  test.setTimeout(180_000);
  await rehearsal?.end();
  await next();
});

const install = () => rehearsal.door("setup", "--answers", answers, "--no-open", `--port=${rehearsal.port}`);
const leave = () => rehearsal.door("uninstall", "--yes");

/** Begins, kills at some moment, and says what was hit. The door itself may be killed, and then says nothing. */
async function killedIn(work: () => Promise<DoorAnswer>, lastsMs: number, words: Telling): Promise<void> {
  let over = false;
  const end = work()
    .then((answer) => words.say(`    ended with ${answer.exit} ${JSON.stringify(answer.json.problem ?? "")}`))
    .catch(() => words.say("    the door was killed"))
    .finally(() => {
      over = true;
    });
  const afterMs = Math.round(300 + random() * lastsMs);
  const all = random() < 0.3;
  const chosen = random();
  const until = Date.now() + afterMs;
  while (!over && Date.now() < until) await pause(20);
  const there = [...new Set((await living(rehearsal)).map(({ part }) => part))].sort();
  const parts = all || there.length === 0 ? everything : [oneOf(there, () => chosen)];
  const hit = await kill(rehearsal, parts);
  words.say(`  after ${afterMs} ms: ${hit.join(", ") || "nothing was there"}`);
  await end;
}

async function untilItHolds(work: () => Promise<DoorAnswer>, words: Telling): Promise<DoorAnswer | undefined> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const answer = await work();
    if (answer.exit === 0) return answer;
    words.say(`  attempt ${attempt} ended with ${answer.exit}: ${JSON.stringify(answer.json).slice(0, 600)}`);
  }
  return undefined;
}

for (let round = 1; round <= rounds; round++) {
  test(`${round} (seed ${seed}): killed while it is installed and while it is taken back, the end is the same`, async () => {
    test.setTimeout(900_000);
    rehearsal = await testRehearsal();
    const words = telling();
    try {
      for (let kills = 0; kills < 2; kills++) await killedIn(install, lasts.install, words);
      const installed = await untilItHolds(install, words);
      expect(installed, words.text()).toMatchObject({ json: { installed: true } });
      expect(await isInstalled(rehearsal, 60_000)).toBe(true);
      // What asks the exchange comes back by itself after its stand-ins were killed.
      const reasons = async () => (await rehearsal.ask("health", {})).reasons.tradable.map(({ says }) => says);
      const tradable = await until(60_000, async () => ((await reasons()).length === 0 ? true : undefined));
      expect(tradable, `${words.text()}\n${(await reasons()).join("\n")}`).toBe(true);
      const doctor = await rehearsal.door("doctor");
      expect(doctor, words.text()).toMatchObject({ exit: 0, json: { installed: true } });
      const ports = portsOf(rehearsal);
      await killedIn(leave, lasts.uninstall, words);
      expect(await untilItHolds(leave, words), words.text()).toBeDefined();
      expect(await leftOf(rehearsal, ports), words.text()).toEqual([]);
    } finally {
      await rehearsal.end();
    }
  });
}
