import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "playwright/test";
import { fairTimes, ownTicks } from "./test-calm.ts";

test("a calm machine must keep the promise, and a busy one gets what the others left, up to six times", () => {
  expect(fairTimes(0, 1)).toBe(1);
  expect(fairTimes(0.25, 1.5)).toBe(1);
  expect(fairTimes(0.5, 1)).toBe(2);
  expect(fairTimes(0.5, 3)).toBe(3);
  expect(fairTimes(1, 1)).toBe(6);
  expect(fairTimes(0, 20)).toBe(6);
});

test("what the test itself starts is counted as its own, also when it has ended", async () => {
  test.skip(process.platform !== "linux", "only Linux tells whose processor time it was");
  const work = "while (process.cpuUsage().user < 400_000);";
  const before = ownTicks("/nothing-has-this-name");
  await once(spawn(process.execPath, ["-e", work]), "exit");
  expect(ownTicks("/nothing-has-this-name") - before).toBeGreaterThanOrEqual(39);
});
