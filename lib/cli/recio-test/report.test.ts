import { expect, test } from "playwright/test";
import type { Finding } from "../../engine/probe.ts";
import { unbornRun } from "../../engine/state.ts";
import { type HealthReport, type HealthRow, healthReport } from "../../health/report.ts";
import { sentence } from "../../problem.ts";
import { programsOf } from "./report.ts";
import { provenAfter } from "./speed.ts";

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

test("a program is proven with the last of its proofs, and what waits for a minute of prices is counted by itself", () => {
  const found = (probeId: string, at: number, finding: Finding = { level: "ok", says: "" }) => ({
    probeId,
    title: "",
    when: "after" as const,
    finding,
    tookMs: 5,
    at,
  });
  const warming: Finding = { level: "warn", says: "", remedy: sentence("Wait."), warmingUp: { secondsLeft: 9 } };
  const entry = { title: "", changes: [], status: "done", receipts: [], spending: false } as const;
  const run = {
    ...unbornRun,
    entries: [
      {
        ...entry,
        changes: [],
        receipts: [],
        kind: "step" as const,
        id: "start-supervisord",
        startedAt: 1_000,
        findings: [],
      },
      {
        ...entry,
        changes: [],
        receipts: [],
        kind: "proving" as const,
        id: "prove",
        findings: [
          found("a", 31_000),
          found("a2", 41_000),
          found("b", 21_000),
          found("btc", 81_000),
          found("eth", 21_000, warming),
          found("nobody-requires-it", 99_000),
        ],
      },
    ],
  };
  const programs = new Map([
    ["a", "main_app"],
    ["a2", "main_app"],
    ["b", "trade_manager"],
    ["btc", "symbol_price_watchdog_btc"],
    ["eth", "symbol_price_watchdog_eth"],
  ]);
  expect(provenAfter(run, programs)).toEqual({
    provenAfterMs: { main_app: 40_005, trade_manager: 20_005, symbol_price_watchdog_btc: 80_005 },
    warmingUp: ["symbol_price_watchdog_eth"],
    allProvenAfterMs: 40_005,
  });
});
