import { join } from "node:path";
import { expect, test } from "playwright/test";
import { projectRoot } from "../../paths.ts";
import { isProblem } from "../../problem.ts";
import { allBreaks } from "../breaks/all-breaks.ts";
import type { Break } from "../breaks/break.ts";
import { type TestRehearsal, testRehearsal } from "../test-rehearsal.ts";
import { isInstalled, putRight, secondsOf, switchState, until } from "../test-switches.ts";
import { takeTurn } from "../test-turn.ts";
import { chance, course, oneOf } from "./test-chance.ts";
import { telling } from "./test-telling.ts";

const patienceMs = 60_000;
/** Within this both are named where neither hides the other. */
const togetherMs = 25_000;
const tries = 4;

let rehearsal: TestRehearsal;
let next: () => Promise<void>;
test.beforeAll(async () => {
  test.setTimeout(900_000);
  next = await takeTurn();
  rehearsal = await testRehearsal();
  const answers = join(projectRoot(), "e2e/answers/rehearsal.json");
  const setup = await rehearsal.door("setup", "--answers", answers, "--no-open", `--port=${rehearsal.port}`);
  expect(setup.exit, JSON.stringify(setup.json)).toBe(0);
});
test.afterAll(async () => {
  test.setTimeout(180_000);
  await rehearsal.end();
  await next();
});

const { seed, rounds } = course(12);
const random = chance(seed);
// A false alarm breaks nothing, and so hides nothing and is hidden by everything.
const real = allBreaks.filter(({ expects }) => expects.level !== "ok");

async function thrown(one: Break): Promise<string | undefined> {
  try {
    await rehearsal.ask("break", { name: one.name, action: "throw" });
    return undefined;
  } catch (refusal) {
    if (isProblem(refusal)) return refusal.says;
    throw refusal;
  }
}

const found = async (one: Break) => (await switchState(rehearsal, one.name)).found;

/** Presses the remedy and waits until it is over. Undefined where it is put right, else why not. */
async function mended(one: Break): Promise<string | undefined> {
  try {
    await putRight(rehearsal, one);
  } catch (refusal) {
    if (isProblem(refusal)) return refusal.says;
    throw refusal;
  }
  const end = await until(patienceMs, async () => {
    const { problem, greenAfterMs } = await switchState(rehearsal, one.name);
    return problem?.says ?? (greenAfterMs === undefined ? undefined : "");
  });
  return end === "" ? undefined : (end ?? "It is neither green again nor does it say why not.");
}

for (let round = 1; round <= rounds; round++) {
  const first = oneOf(real, random);
  const second = oneOf(
    real.filter((one) => one !== first),
    random,
  );
  const turned = random() < 0.5;
  test(`${round} (seed ${seed}): ${first.name} and ${second.name}, ${turned ? "the second" : "the first"} mended first`, async () => {
    test.setTimeout(600_000);
    const words = telling();
    expect(await isInstalled(rehearsal, patienceMs), JSON.stringify((await rehearsal.ask("health", {})).reasons)).toBe(
      true,
    );
    expect(await thrown(first)).toBeUndefined();
    const refusal = await thrown(second);
    if (refusal) words.say(`${second.name} refused: ${refusal}`);
    let open = refusal ? [first] : [first, second];
    const unnamed = async () =>
      (await Promise.all(open.map(async (one) => ({ one, found: await found(one) })))).filter((each) => !each.found);
    await until(togetherMs, async () => ((await unnamed()).length === 0 ? true : undefined));
    const hidden = (await unnamed()).map(({ one }) => one);
    expect(
      hidden.length,
      `nothing was named: ${JSON.stringify((await rehearsal.ask("health", {})).reasons)}`,
    ).toBeLessThan(open.length);
    if (hidden.length > 0) words.say(`${hidden.map(({ name }) => name).join()} is hidden by the other`);
    // What is named is mended first; where both are, chance says in which order.
    open =
      hidden.length > 0 ? [...open.filter((one) => !hidden.includes(one)), ...hidden] : turned ? open.reverse() : open;
    for (let attempt = 1; open.length > 0 && attempt <= tries; attempt++) {
      for (const one of [...open]) {
        const named = await until(patienceMs, () => found(one));
        expect(
          named,
          `${one.name} was never named: ${JSON.stringify((await rehearsal.ask("health", {})).reasons)}`,
        ).toBeDefined();
        const why = await mended(one);
        if (why) words.say(`${one.name} not mended yet: ${why}`);
        else open = open.filter((other) => other !== one);
      }
    }
    expect(
      open.map(({ name }) => name),
      words.text(),
    ).toEqual([]);
    expect(await isInstalled(rehearsal, patienceMs), JSON.stringify((await rehearsal.ask("health", {})).reasons)).toBe(
      true,
    );
    for (const one of refusal ? [first] : [first, second]) {
      const state = await switchState(rehearsal, one.name);
      words.say(
        `${one.name} ${secondsOf(state.found?.afterMs)} ${secondsOf(state.greenAfterMs)}: ${state.found?.says}`,
      );
    }
  });
}
