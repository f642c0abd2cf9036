import { expect, test } from "playwright/test";
import type { Answer } from "../engine/ask.ts";
import { type Finding, probe } from "../engine/probe.ts";
import { repairedBy, sentence } from "../problem.ts";
import { type AskedQuestion, healthReport, type Need, publicReport } from "./report.ts";

const now = 1_000_000;
const asked = (id: string, need: Need, label: "machine" | "exchange" = "machine"): AskedQuestion => ({
  need,
  question: probe({
    id,
    title: `Title of ${id}`,
    group: "Machine",
    label,
    everyMs: 1000,
    collect: async () => null,
    judge: () => ({ level: "ok", says: "" }),
  }),
});
const ok: Finding = { level: "ok", says: "fine" };
const fail: Finding = { level: "fail", says: "users.t.c is missing", remedy: sentence("Mend it.") };
const unknown: Finding = { level: "unknown", says: "no answer" };
const warn: Finding = { level: "warn", says: "so so", remedy: sentence("Look.") };
const answer = (finding: Finding, ageMs = 0): Answer => ({ finding, at: now - ageMs, tookMs: 1 });
const report = (rows: [AskedQuestion, Answer | undefined][]) =>
  healthReport(
    rows.map(([question]) => question),
    new Map(rows.flatMap(([question, given]) => (given ? [[question.question.id, given]] : []))),
    { now, rehearsal: false },
  );

test("nothing asked is not installed", () => {
  expect(report([])).toMatchObject({ status: "unknown", installed: false, tradable: false });
  expect(report([[asked("a", "installed"), undefined]])).toMatchObject({ status: "unknown", installed: false });
});

test("all required answers ok and fresh is installed", () => {
  expect(report([[asked("a", "installed"), answer(ok)]])).toMatchObject({
    status: "ok",
    installed: true,
    tradable: true,
  });
});

test("a required answer that is too old is stale, and no longer installed", () => {
  const stale = report([[asked("a", "installed"), answer(ok, 60_001)]]);
  expect(stale).toMatchObject({ status: "unknown", installed: false });
  expect(stale.probes[0]?.level).toBe("stale");
  expect(report([[asked("a", "installed"), answer(ok, 60_000)]]).installed).toBe(true);
});

test("a required failure is down, an unknown one is unknown, and down speaks louder", () => {
  expect(report([[asked("a", "installed"), answer(fail)]]).status).toBe("down");
  expect(report([[asked("a", "installed"), answer(unknown)]]).status).toBe("unknown");
  expect(
    report([
      [asked("a", "installed"), answer(unknown)],
      [asked("b", "installed"), answer(fail)],
    ]).status,
  ).toBe("down");
});

test("a failure that is old stays a failure: age never makes it milder", () => {
  expect(report([[asked("a", "installed"), answer(fail, 999_999)]]).probes[0]?.level).toBe("fail");
});

test("the exchange's fault leaves installed and takes tradable, with its label", () => {
  const verdict = report([
    [asked("a", "installed"), answer(ok)],
    [asked("x", "tradable", "exchange"), answer(fail)],
  ]);
  expect(verdict).toMatchObject({ status: "degraded", installed: true, tradable: false });
  expect(verdict.reasons.tradable).toEqual([{ label: "exchange", says: "users.t.c is missing" }]);
});

test("what nobody needs can warn or fail without taking anything", () => {
  expect(
    report([
      [asked("a", "installed"), answer(ok)],
      [asked("n", "no"), answer(warn)],
    ]),
  ).toMatchObject({ status: "degraded", installed: true, tradable: true });
});

test("the public report carries no evidence", () => {
  const verdict = report([
    [asked("a", "installed"), answer({ ...ok, evidence: { asked: "/home/somebody", cameBack: "x" } })],
  ]);
  expect(JSON.stringify(publicReport(verdict))).not.toContain("somebody");
});

test("no word of the person's is in the public report, wherever it stood", () => {
  const told = (word: string): Finding => ({
    level: "fail",
    says: `The folder ${word}/venv is missing.`,
    remedy: sentence(`Look at ${word}.`),
    objects: [word],
  });
  const verdict = report([
    [asked("a", "installed"), answer(told("/home/lovelace/rec_io"))],
    [asked("b", "tradable", "exchange"), answer(told("lovelace@example.org"))],
  ]);
  const text = JSON.stringify(
    publicReport(verdict, ["/home/lovelace", "/home/lovelace/rec_io", "lovelace@example.org", ""]),
  );
  expect(text).not.toContain("lovelace");
  expect(text).toContain("The folder …/venv is missing.");
});

test("what warms up holds, is said to be unproven, and its seconds go on", () => {
  const warming: Finding = { ...warn, level: "warn", remedy: sentence("Wait."), warmingUp: { secondsLeft: 40 } };
  const young = report([
    [asked("a", "installed"), answer(warming, 15_500)],
    [asked("b", "no"), answer(warming)],
    [asked("c", "installed"), answer(warn)],
  ]);
  expect(young).toMatchObject({ status: "degraded", installed: true, reasons: { warmingUp: ["so so"] } });
  expect(young.probes.map(({ warmingUp }) => warmingUp?.secondsLeft)).toEqual([25, 40, undefined]);
  const stale = report([[asked("a", "installed"), answer(warming, 60_001)]]);
  expect(stale).toMatchObject({ installed: false, reasons: { warmingUp: [] } });
});

test("what fails for an object that another question names is no reason of its own, and stays red", () => {
  const naming = (objects: string[], stepId: string): Finding => ({
    level: "fail",
    says: `${stepId}: ${objects.join()}`,
    objects,
    remedy: repairedBy(stepId, "Mend it."),
  });
  const schema = asked("schema", "installed");
  const at: AskedQuestion = { ...schema, question: { ...schema.question, foundation: true } };
  const rows: [AskedQuestion, Answer][] = [
    [asked("before", "installed"), answer(naming(["users.t.c"], "seed"))],
    [at, answer(naming(["users.t.c", "users.gone"], "apply"))],
    [asked("column of a missing table", "no"), answer(naming(["users.gone.d"], "other"))],
    [asked("same step", "installed"), answer({ ...unknown, remedy: repairedBy("apply", "Create it.") })],
    [asked("one more object", "installed"), answer(naming(["users.t.c", "users.else"], "lock"))],
    [asked("nothing named", "installed"), answer(fail)],
  ];
  const given = report(rows);
  expect(given.probes.map(({ follows }) => follows)).toEqual([
    "schema",
    undefined,
    "schema",
    "schema",
    undefined,
    undefined,
  ]);
  expect(given.reasons.installed).toEqual(["apply: users.t.c,users.gone", "lock: users.t.c,users.else", fail.says]);
  expect(given.reasons.tradable.map(({ says }) => says)).toEqual(given.reasons.installed);
  expect(given.probes.every(({ level }) => level !== "ok")).toBe(true);
  // Without the cause each speaks for itself.
  expect(report(rows.filter(([question]) => question !== at)).reasons.installed).toHaveLength(4);
});
