import { expect, test } from "playwright/test";
import { judgeDetector, lastVerdict } from "./cascading-failure-detector.ts";
import { judgeSystemMonitor } from "./system-monitor.ts";

const known = <T>(facts: T) => ({ facts });

const row = { ageSeconds: 5, overall: "healthy", healthy: 1, total: 1, failed: [] };
const monitor = { row: known(row), supervised: ["main_app"], without: [], upForSeconds: 900 };

test("a health record whose columns stand in another order is seen through main_app", () => {
  expect(judgeSystemMonitor(monitor, { overall: "healthy", healthy: 1, total: 1 }).level).toBe("ok");
  expect(judgeSystemMonitor(monitor, { overall: "12.50", healthy: "running", total: null })).toMatchObject({
    level: "fail",
    objects: ["system.health_status"],
  });
  expect(judgeSystemMonitor(monitor, { overall: "healthy", healthy: 1, total: 12 }).level).toBe("fail");
});

const once = { database: true, files: true, level: "none", healthy: ["main_app"], ill: [] as string[] };
const detector = {
  once,
  verdict: { level: "healthy", healthy: 1, total: 1 },
  upForSeconds: 900,
  without: [] as string[],
};

test("the detector has to check, and its own loop has to have said so", () => {
  expect(judgeDetector(detector).level).toBe("ok");
  const { verdict: _verdict, ...silent } = detector;
  expect(judgeDetector(silent).level).toBe("fail");
  expect(judgeDetector({ ...silent, upForSeconds: 5 }).level).toBe("warn");
  for (const change of [{ database: false }, { files: false }, { level: "catastrophic" }, { ill: ["main_app"] }])
    expect(judgeDetector({ ...detector, once: { ...once, ...change } }).level, JSON.stringify(change)).toBe("fail");
  expect(
    judgeDetector({ ...detector, once: { ...once, ill: ["kalshi_account_sync"] }, without: ["kalshi_account_sync"] })
      .level,
  ).toBe("ok");
  expect(judgeDetector({ ...detector, verdict: { level: "catastrophic", healthy: 0, total: 9 } }).level).toBe("fail");
});

test("the last verdict in the detector's log counts", () => {
  expect(
    lastVerdict("🔴 System catastrophic - 0/9 services running\n🟢 System healthy - 9/9 services running\n"),
  ).toEqual({ level: "healthy", healthy: 9, total: 9 });
  expect(lastVerdict("Starting Cascading Failure Detector")).toBeUndefined();
});
