import { expect, test } from "playwright/test";
import { type HealthReport, type HealthRow, healthReport } from "../../health/report.ts";
import { programsOf } from "./report.ts";

const row = (program: string, more: Partial<HealthRow> = {}): HealthRow => ({
  id: `${program}-works`,
  kind: "proof",
  group: "Services",
  label: "machine",
  title: `${program} works`,
  program,
  level: "ok",
  says: "It works.",
  checkedAt: 1,
  ageMs: 1,
  staleAfterMs: 60_000,
  tookMs: 1,
  required: true,
  trading: true,
  ...more,
});

const report = (...probes: HealthRow[]): HealthReport => ({
  ...healthReport([], new Map(), { now: 0, rehearsal: false }),
  probes,
});

test("a program is proven by its required rows, all of them", () => {
  const programs = programsOf(
    report(row("a"), row("a", { id: "a2", level: "warn" }), row("b"), row("b", { id: "b2", level: "fail" })),
  );
  expect(programs.a).toEqual({ proven: true, evidence: "ok: It works. · warn: It works." });
  expect(programs.b).toMatchObject({ proven: false });
});

test("a program that holds and still warms up is not proven, and says how long that takes", () => {
  const warming = {
    level: "warn",
    says: "BTC prices are warming up, 40 s left.",
    warmingUp: { secondsLeft: 38 },
  } as const;
  expect(programsOf(report(row("a", warming), row("a", { id: "a2" }))).a).toEqual({
    proven: false,
    warmingUp: { secondsLeft: 38 },
    evidence: "warn: BTC prices are warming up, 40 s left. · ok: It works.",
  });
});

test("a row that nobody requires neither proves nor disproves", () => {
  expect(programsOf(report(row("a", { required: false }))).a).toMatchObject({ proven: false });
  expect(programsOf(report(row("a"), row("a", { id: "a2", required: false, level: "fail" }))).a?.proven).toBe(true);
});
