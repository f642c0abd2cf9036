import { expect, test } from "playwright/test";
import { type Finding, probe, proof } from "../engine/probe.ts";
import { sentence } from "../problem.ts";
import type { World } from "../world.ts";
import { startMonitor } from "./monitor.ts";
import type { AskedQuestion } from "./report.ts";

const world = {} as World;

function counting(id: string, everyMs: number): { asked: AskedQuestion; times: () => number } {
  let times = 0;
  const question = probe({
    id,
    title: id,
    group: "Machine",
    label: "machine",
    everyMs,
    collect: async () => ++times,
    judge: () => ({ level: "ok" as const, says: `asked ${times} times` }),
  });
  return { asked: { question, need: "installed" }, times: () => times };
}

test("every question is asked at once and then at its own interval", async () => {
  const often = counting("often", 300);
  const seldom = counting("seldom", 86_400_000);
  const monitor = startMonitor({ questions: [often.asked, seldom.asked], world });
  await expect.poll(() => often.times()).toBeGreaterThanOrEqual(3);
  expect(seldom.times()).toBe(1);
  monitor.stop();
});

test("a proof whose last answer is known from an earlier life is not asked before it is due", async () => {
  let proved = 0;
  const question = proof({
    id: "p",
    title: "p",
    group: "Services",
    label: "machine",
    everyMs: 60_000,
    prove: async () => ({ level: "ok", says: `${++proved}` }),
  });
  const at = Date.now() - 1000;
  const probeToo = counting("probe", 86_400_000);
  const monitor = startMonitor({
    questions: [{ question, need: "installed" }, probeToo.asked],
    world,
    known: new Map([["p", { finding: { level: "ok", says: "held" }, at, tookMs: 5 }]]),
  });
  await expect.poll(() => probeToo.times()).toBe(1);
  expect(proved).toBe(0);
  expect(monitor.answers.get("p")?.at).toBe(at);
  await monitor.lookAgain("p");
  expect(proved).toBe(1);
  monitor.stop();
});

test("two proofs never run at the same time", async () => {
  let running = 0;
  let most = 0;
  const slow = (id: string): AskedQuestion => ({
    need: "installed",
    question: proof({
      id,
      title: id,
      group: "Services",
      label: "machine",
      everyMs: 60_000,
      prove: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
        return { level: "ok", says: "held" };
      },
    }),
  });
  const monitor = startMonitor({ questions: [slow("a"), slow("b"), slow("c")], world });
  await monitor.lookAgain();
  expect(most).toBe(1);
  expect(monitor.answers.size).toBe(3);
  monitor.stop();
});

test("while it is held nothing is asked by the clock", async () => {
  const often = counting("often", 50);
  const monitor = startMonitor({ questions: [often.asked], world });
  await monitor.lookAgain();
  monitor.hold(true);
  expect(monitor.held).toBe(true);
  const before = often.times();
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(often.times()).toBe(before);
  monitor.hold(false);
  expect(monitor.held).toBe(false);
  await expect.poll(() => often.times()).toBeGreaterThan(before);
  monitor.stop();
});

test("what does not hold is asked again within seconds, however seldom it is asked when it holds", async () => {
  let mended = false;
  let times = 0;
  const question = probe({
    id: "seldom",
    title: "seldom",
    group: "Machine",
    label: "machine",
    everyMs: 86_400_000,
    collect: async () => ++times,
    judge: () => (mended ? { level: "ok" as const, says: "mended" } : { level: "unknown" as const, says: "not known" }),
  });
  const monitor = startMonitor({ questions: [{ question, need: "installed" }], world });
  await expect.poll(() => times).toBe(1);
  mended = true;
  await expect.poll(() => monitor.answers.get("seldom")?.finding.level, { timeout: 8_000 }).toBe("ok");
  monitor.stop();
});

test("what nobody needs keeps its own pace when it fails", async () => {
  let times = 0;
  const question = probe({
    id: "exchange",
    title: "exchange",
    group: "Kalshi",
    label: "exchange",
    everyMs: 86_400_000,
    collect: async () => ++times,
    judge: () => ({ level: "unknown" as const, says: "the exchange has changed" }),
  });
  const often = counting("often", 500);
  const monitor = startMonitor({ questions: [{ question, need: "no" }, often.asked], world });
  // The other question is asked a dozen times meanwhile, well past the time in which a required one would be asked again.
  await expect.poll(() => often.times(), { timeout: 15_000 }).toBeGreaterThan(11);
  expect(times).toBe(1);
  monitor.stop();
});

test("what warms up is asked again when it should have come, not after its whole interval", async () => {
  const finding = (times: number): Finding =>
    times > 1
      ? { level: "ok", says: "all there" }
      : { level: "warn", says: "1 s left", remedy: sentence("Wait."), warmingUp: { secondsLeft: 1 } };
  let times = 0;
  const question = probe({
    id: "slow",
    title: "slow",
    group: "Machine",
    label: "machine",
    everyMs: 86_400_000,
    collect: async () => ++times,
    judge: finding,
  });
  const monitor = startMonitor({ questions: [{ question, need: "installed" } as AskedQuestion], world });
  await expect.poll(() => monitor.answers.get("slow")?.finding.level, { timeout: 20_000 }).toBe("ok");
  monitor.stop();
});

test("a look at everything at once makes Node warn of nothing", async () => {
  const warnings: string[] = [];
  const hear = (warning: Error) => void warnings.push(warning.message);
  process.on("warning", hear);
  const questions = Array.from({ length: 30 }, (_, index) => counting(`question-${index}`, 86_400_000).asked);
  const monitor = startMonitor({ questions, world });
  await monitor.lookAgain();
  // Node says what it warns of a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", hear);
  monitor.stop();
  expect(warnings).toEqual([]);
});
