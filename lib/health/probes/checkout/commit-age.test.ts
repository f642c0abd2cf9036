import { expect, test } from "playwright/test";
import { judgeAge } from "./commit-age.ts";

const commit = "a".repeat(40);

test("a commit before the oldest that was proven is refused with both days, though its statements may all prepare", () => {
  const found = judgeAge({ commit, committedAt: Date.UTC(2025, 7, 15, 18, 21, 48) });
  expect(found).toMatchObject({
    level: "fail",
    says: "Commit aaaaaaa is of 15 August 2025: older than 5984888 of 20 August 2025, the oldest REC.IO that can be installed and proven here.",
    remedy: { says: expect.stringContaining("newer commit") },
  });
});

test("the oldest that was proven, what came after it, and a checkout without git are not refused for their day", () => {
  expect(judgeAge({ commit, committedAt: Date.UTC(2025, 7, 20, 0, 43, 1) })).toMatchObject({ level: "ok" });
  expect(judgeAge({ commit, committedAt: Date.UTC(2026, 10, 20) })).toMatchObject({ level: "ok" });
  expect(judgeAge({})).toMatchObject({ level: "ok" });
});
