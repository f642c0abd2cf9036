import { expect, test } from "playwright/test";
import { type Finding, type Group, probe } from "../engine/probe.ts";
import { pointsOf } from "./history.ts";
import { type AskedQuestion, healthReport } from "./report.ts";

const now = Date.parse("2026-11-20T10:00:30Z");

function asked(id: string, group: Group): AskedQuestion {
  const question = probe({
    id,
    title: id,
    group,
    label: "machine",
    everyMs: 60_000,
    collect: async () => id,
    judge: () => ({ level: "ok" as const, says: "held" }),
  });
  return { question, need: "installed" };
}

test("a minute of a group is its worst answer, and what was never asked says nothing", () => {
  const questions = [asked("a", "Machine"), asked("b", "Machine"), asked("c", "Machine"), asked("d", "Prices")];
  const warn: Finding = { level: "warn", says: "nearly", remedy: { kind: "sentence", says: "Look." } };
  const answers = new Map([
    ["a", { finding: { level: "ok" as const, says: "held" }, at: now, tookMs: 3 }],
    ["b", { finding: warn, at: now, tookMs: 5 }],
  ]);
  const report = healthReport(questions, answers, { now, rehearsal: false });
  expect(pointsOf(report, now)).toEqual([
    { at: Date.parse("2026-11-20T10:00:00Z"), group: "Machine", level: "warn", tookMs: 5 },
  ]);
});
