import { expect, test } from "playwright/test";
import { type CopiedNow, judgeSystemData } from "./system-data.ts";

const table = (name: string, more: Partial<CopiedNow> = {}): CopiedNow => ({
  name,
  rows: 10,
  snapshotAt: "2026-11-20 13:18 UTC",
  there: true,
  empty: false,
  finished: true,
  leftOut: [],
  ...more,
});

test("a copy is green only when it is whole and its tables are there", () => {
  expect(judgeSystemData([table("analytics.a"), table("analytics.b")], "source")).toMatchObject({ level: "ok" });
  expect(judgeSystemData([], "source").level).toBe("fail");
  // Cut off after its first tables, or ended with a table that did not come: what is there is no copy.
  expect(judgeSystemData([table("analytics.a", { finished: false })], "source")).toMatchObject({
    level: "fail",
    says: "The copy from source is not whole: 1 tables have come so far.",
  });
  expect(judgeSystemData([table("analytics.a", { there: false })], "source").level).toBe("fail");
  const leftOut = ["analytics.hidden is not copied: the role may not read it."];
  expect(judgeSystemData([table("analytics.a", { leftOut })], "source")).toMatchObject({
    level: "warn",
    evidence: { cameBack: leftOut[0] },
  });
  expect(judgeSystemData([table("analytics.a", { empty: true })], "source").level).toBe("fail");
});
