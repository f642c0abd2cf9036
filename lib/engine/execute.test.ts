import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { Problem, sentence } from "../problem.ts";
import { readRun } from "./journal.ts";
import type { Probe } from "./probe.ts";
import type { Gate, Json } from "./step.ts";
import { type Lamps, light, lit, start, statuses } from "./toy-world.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a step changes once, then is already so", async () => {
  const lamps: Lamps = new Set();
  const first = await start(folder, [light("a")], lamps);
  expect(first.outcome).toBe("done");
  expect(statuses(first.journal)).toEqual(["done"]);
  rmSync(folder, { recursive: true });
  const second = await start(folder, [light("a")], lamps);
  expect(statuses(second.journal)).toEqual(["already"]);
  expect(second.journal.state().entries[0]?.receipts).toEqual([]);
});

test("a gate that fails blocks everything after it", async () => {
  const gate: Gate = { kind: "gate", id: "g", title: "The mains are on", probes: [lit("mains")] };
  const lamps: Lamps = new Set();
  const { outcome, journal } = await start(folder, [gate, light("a")], lamps);
  expect(outcome).toBe("blocked");
  expect(statuses(journal)).toEqual(["blocked", "waiting"]);
  expect(lamps.has("a")).toBe(false);
});

test("an unknown answer blocks a step before it changes anything", async () => {
  const probe = lit("a", () => ({ level: "unknown", says: "Nobody knows." }));
  const lamps: Lamps = new Set();
  const { outcome } = await start(folder, [light("a", { probes: [probe] })], lamps);
  expect(outcome).toBe("blocked");
  expect(lamps.size).toBe(0);
});

test("a step that runs without an error and changes nothing has failed", async () => {
  const { outcome, journal } = await start(folder, [light("a", { run: async () => null })], new Set());
  expect(outcome).toBe("failed");
  expect(journal.state().entries[0]?.problem?.says).toContain("ran without an error, yet: a is dark");
});

test("a Problem thrown by a step is told as it is, with its remedy", async () => {
  const run = async (): Promise<Json> => {
    throw new Problem({ code: "lamp.no-bulb", says: "There is no bulb.", remedy: sentence("Buy one.") });
  };
  const { outcome, journal, bugs } = await start(folder, [light("a", { run })], new Set());
  expect(outcome).toBe("failed");
  expect(journal.state().entries[0]?.problem).toMatchObject({ code: "lamp.no-bulb", remedy: { says: "Buy one." } });
  expect(bugs).toEqual([]);
});

test("any other exception is called our fault and reported as a bug", async () => {
  const run = async (): Promise<Json> => {
    throw new TypeError("x is undefined");
  };
  const { journal, bugs } = await start(folder, [light("a", { run })], new Set());
  expect(journal.state().entries[0]?.problem?.code).toBe("engine.bug");
  expect(bugs).toHaveLength(1);
});

test("a change that was not shown stops the run before it is made", async () => {
  const lamps: Lamps = new Set();
  const shown = light("a");
  const other = light("a", {
    describe: async () => [
      { what: "file", target: "a" },
      { what: "file", target: "surprise" },
    ],
  });
  const { outcome, journal } = await start(folder, [other], lamps, { consentTo: [shown] });
  expect(outcome).toBe("failed");
  expect(journal.state().entries[0]?.problem?.code).toBe("plan.out-of-date");
  expect(lamps.size).toBe(0);
});

test("doing less than was shown needs no new consent", async () => {
  const shown = light("a", {
    describe: async () => [
      { what: "file", target: "a" },
      { what: "file", target: "b" },
    ],
  });
  const { outcome } = await start(folder, [light("a")], new Set(), { consentTo: [shown] });
  expect(outcome).toBe("done");
});

test("stopping ends the step in hand and begins nothing after it", async () => {
  const stop = new AbortController();
  const slow = light("a", {
    run: (_world, job) =>
      new Promise((_, reject) => {
        job.signal.addEventListener("abort", () => reject(new Error("stopped")));
        stop.abort();
      }),
  });
  const { outcome, journal, bugs } = await start(folder, [slow, light("b")], new Set(), { signal: stop.signal });
  expect(outcome).toBe("stopped");
  expect(statuses(journal)).toEqual(["waiting", "waiting"]);
  expect(bugs).toEqual([]);
});

test("a probe that hangs is unknown after its time, not for ever", async () => {
  const hanging: Probe = { ...lit("a"), timeoutMs: 30, collect: () => new Promise(() => undefined) };
  const { outcome, journal } = await start(
    folder,
    [{ kind: "gate", id: "g", title: "g", probes: [hanging] }],
    new Set(),
  );
  expect(outcome).toBe("blocked");
  expect(journal.state().entries[0]?.findings[0]?.finding.level).toBe("unknown");
});

test("an unknown answer beside a definite failure does not hold up the step that mends both", async () => {
  const lamps: Lamps = new Set();
  const follows: Probe = {
    ...lit("b"),
    id: "b-follows-a",
    judge: (facts) =>
      (facts as Lamps).has("a") ? { level: "ok", says: "b too" } : { level: "unknown", says: "a is dark" },
  };
  const { outcome } = await start(folder, [light("a", { probes: [lit("a"), follows] })], lamps);
  expect(outcome).toBe("done");
});

test("what a step found before it ran is told apart from what holds after", async () => {
  const lamps: Lamps = new Set();
  let duringRun: string[] = [];
  const probes: [Probe, Probe] = [lit("a"), lit("b")];
  const run = async (): Promise<Json> => {
    duringRun = readRun(folder)?.entries[0]?.findings.map(({ when, finding }) => `${when} ${finding.level}`) ?? [];
    lamps.add("a").add("b");
    return null;
  };
  const { journal } = await start(folder, [light("a", { probes, run })], lamps);
  expect(duringRun).toEqual(["before fail", "before fail"]);
  const after = journal.state().entries[0]?.findings.map(({ when, finding }) => `${when} ${finding.level}`);
  expect(after).toEqual(["after ok", "after ok"]);
});
