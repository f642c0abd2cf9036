import { expect, test } from "playwright/test";
import { turnedOn } from "../../../install/steps/restart-key-programs.ts";
import { judgeKeyPrograms } from "./key-programs.ts";

const keyAt = 1_700_000_010_500;

test("a program that was started before the key was written may sign with the one before", () => {
  const programs = [
    { name: "kalshi_account_sync", startedAt: keyAt - 5_000 },
    { name: "trade_executor", startedAt: keyAt + 2_000 },
  ];
  expect(judgeKeyPrograms({ keyAt, programs, chosenIsInPlace: true })).toMatchObject({
    level: "fail",
    objects: ["kalshi_account_sync"],
    remedy: { kind: "step", stepId: "restart-key-programs" },
  });
});

test("a program that was started after it, or in the same second, holds the installed key", () => {
  // supervisord tells whole seconds: 10.9 s is told as 10.
  const programs = [{ name: "kalshi_account_sync", startedAt: keyAt - 500 }];
  expect(judgeKeyPrograms({ keyAt, programs, chosenIsInPlace: true })).toMatchObject({ level: "ok" });
});

test("what does not run holds no key, and without a key there is none to hold", () => {
  expect(judgeKeyPrograms({ keyAt, programs: [{ name: "trade_executor" }], chosenIsInPlace: true })).toMatchObject({
    level: "ok",
    says: "No program that holds the key runs.",
  });
  expect(judgeKeyPrograms({ keyAt: undefined, programs: [], chosenIsInPlace: true })).toMatchObject({ level: "ok" });
});

test("a restart that turns automated entry on is seen, and one that turns it off is none of that", () => {
  const off = { mode: "close-only" as const, autoEntry: false, momentumSpike: false };
  expect(turnedOn(off, off)).toEqual([]);
  expect(turnedOn(off, { ...off, autoEntry: true })).toEqual(["automated entry"]);
  expect(turnedOn({ ...off, autoEntry: true }, off)).toEqual([]);
  expect(turnedOn(off, { ...off, mode: "all" })).toEqual(["the order lock"]);
});

test("before another key is put in place, its restart is part of what is shown", () => {
  const programs = [{ name: "kalshi_account_sync", startedAt: keyAt + 5_000 }];
  expect(judgeKeyPrograms({ keyAt, programs, chosenIsInPlace: false })).toMatchObject({
    level: "fail",
    objects: ["kalshi_account_sync"],
    says: expect.stringContaining("another Kalshi key than the one that is chosen"),
  });
});
