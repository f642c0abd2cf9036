import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { Problem, sentence } from "../problem.ts";
import type { World } from "../world.ts";
import { describePlan } from "./describe.ts";
import { execute, type Outcome } from "./execute.ts";
import { type Journal, openJournal, readRun } from "./journal.ts";
import { type Finding, type Probe, proof } from "./probe.ts";
import type { Gate, Json, Plan, Secrets, Step } from "./step.ts";
import { debts, takeBack, undoEntryId } from "./undo.ts";

/** A toy world: a set of lamps. Steps light them, probes look at them. */
type Lamps = Set<string>;
const worldOf = (lamps: Lamps) => ({ lamps }) as unknown as World;
const lampsOf = (world: unknown) => (world as { lamps: Lamps }).lamps;

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lit(name: string, other?: (lamps: Lamps) => Finding): Probe {
  return {
    kind: "probe",
    id: `lamp-${name}`,
    title: `Lamp ${name} is lit`,
    group: "Machine",
    label: "machine",
    everyMs: 1000,
    collect: async (world) => lampsOf(world),
    judge: (facts) => {
      const lamps = facts as Lamps;
      if (other) return other(lamps);
      return lamps.has(name)
        ? { level: "ok", says: `${name} is lit` }
        : { level: "fail", says: `${name} is dark`, remedy: sentence("Light it.") };
    },
  };
}

function light(name: string, over: Partial<Step> = {}): Step {
  return {
    kind: "step",
    id: `light-${name}`,
    title: `Light ${name}`,
    why: "It is dark.",
    probes: [lit(name)],
    describe: async () => [{ what: "file", target: name }],
    run: async (world) => {
      lampsOf(world).add(name);
      return { lit: name };
    },
    undo: { takeBack: async (world, receipt) => void lampsOf(world).delete((receipt as { lit: string }).lit) },
    ...over,
  };
}

async function start(
  plan: Plan,
  lamps: Lamps,
  over: { signal?: AbortSignal; secrets?: Secrets; consentTo?: Plan } = {},
): Promise<{ outcome: Outcome; journal: Journal; bugs: unknown[] }> {
  const world = worldOf(lamps);
  const signal = over.signal ?? new AbortController().signal;
  const shown = await describePlan(over.consentTo ?? plan, world, new AbortController().signal);
  const journal = openJournal(folder);
  const bugs: unknown[] = [];
  journal.append({
    type: "run.started",
    runId: "r1",
    purpose: "install",
    planHash: shown.hash,
    pid: 1,
    entries: shown.entries,
  });
  const consent = Object.fromEntries(shown.entries.map((entry) => [entry.id, entry.changes]));
  const outcome = await execute({
    plan,
    world,
    journal,
    secrets: over.secrets ?? {},
    consent,
    signal,
    proofPauseMs: 5,
    onBug: (bug) => bugs.push(bug),
  });
  journal.append({ type: "run.finished", outcome });
  return { outcome, journal, bugs };
}

const statuses = (journal: Journal) => journal.state().entries.map((entry) => entry.status);

test("a step changes once, then is already so", async () => {
  const lamps: Lamps = new Set();
  const first = await start([light("a")], lamps);
  expect(first.outcome).toBe("done");
  expect(statuses(first.journal)).toEqual(["done"]);
  rmSync(folder, { recursive: true });
  const second = await start([light("a")], lamps);
  expect(statuses(second.journal)).toEqual(["already"]);
  expect(second.journal.state().entries[0]?.receipts).toEqual([]);
});

test("a gate that fails blocks everything after it", async () => {
  const gate: Gate = { kind: "gate", id: "g", title: "The mains are on", probes: [lit("mains")] };
  const lamps: Lamps = new Set();
  const { outcome, journal } = await start([gate, light("a")], lamps);
  expect(outcome).toBe("blocked");
  expect(statuses(journal)).toEqual(["blocked", "waiting"]);
  expect(lamps.has("a")).toBe(false);
});

test("an unknown answer blocks a step before it changes anything", async () => {
  const probe = lit("a", () => ({ level: "unknown", says: "Nobody knows." }));
  const lamps: Lamps = new Set();
  const { outcome } = await start([light("a", { probes: [probe] })], lamps);
  expect(outcome).toBe("blocked");
  expect(lamps.size).toBe(0);
});

test("a step that runs without an error and changes nothing has failed", async () => {
  const { outcome, journal } = await start([light("a", { run: async () => null })], new Set());
  expect(outcome).toBe("failed");
  expect(journal.state().entries[0]?.problem?.says).toContain("ran without an error, yet: a is dark");
});

test("a Problem thrown by a step is told as it is, with its remedy", async () => {
  const run = async (): Promise<Json> => {
    throw new Problem({ code: "lamp.no-bulb", says: "There is no bulb.", remedy: sentence("Buy one.") });
  };
  const { outcome, journal, bugs } = await start([light("a", { run })], new Set());
  expect(outcome).toBe("failed");
  expect(journal.state().entries[0]?.problem).toMatchObject({ code: "lamp.no-bulb", remedy: { says: "Buy one." } });
  expect(bugs).toEqual([]);
});

test("any other exception is called our fault and reported as a bug", async () => {
  const run = async (): Promise<Json> => {
    throw new TypeError("x is undefined");
  };
  const { journal, bugs } = await start([light("a", { run })], new Set());
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
  const { outcome, journal } = await start([other], lamps, { consentTo: [shown] });
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
  const { outcome } = await start([light("a")], new Set(), { consentTo: [shown] });
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
  const { outcome, journal, bugs } = await start([slow, light("b")], new Set(), { signal: stop.signal });
  expect(outcome).toBe("stopped");
  expect(statuses(journal)).toEqual(["waiting", "waiting"]);
  expect(bugs).toEqual([]);
});

test("a proof is tried again until it holds", async () => {
  let times = 0;
  const slowly = proof({
    id: "p",
    title: "It glows",
    group: "Services",
    label: "machine",
    everyMs: 1000,
    prove: async () =>
      ++times < 3 ? { level: "fail", says: "dark", remedy: sentence("Wait.") } : { level: "ok", says: "glows" },
  });
  const { outcome } = await start(
    [
      {
        kind: "proving",
        id: "prove",
        title: "Prove",
        why: "",
        proofs: [{ proof: slowly, required: true }],
        patienceMs: 5000,
      },
    ],
    new Set(),
  );
  expect(outcome).toBe("done");
  expect(times).toBe(3);
});

test("a required proof that never holds fails the run, one that is not required does not", async () => {
  const never = proof({
    id: "p",
    title: "It glows",
    group: "Services",
    label: "machine",
    everyMs: 1000,
    prove: async () => ({ level: "fail", says: "dark", remedy: sentence("Wait.") }),
  });
  const proving = (required: boolean): Plan => [
    { kind: "proving", id: "prove", title: "Prove", why: "", proofs: [{ proof: never, required }], patienceMs: 20 },
  ];
  expect((await start(proving(true), new Set())).outcome).toBe("failed");
  rmSync(folder, { recursive: true });
  expect((await start(proving(false), new Set())).outcome).toBe("done");
});

test("a probe that hangs is unknown after its time, not for ever", async () => {
  const hanging: Probe = { ...lit("a"), timeoutMs: 30, collect: () => new Promise(() => undefined) };
  const { outcome, journal } = await start([{ kind: "gate", id: "g", title: "g", probes: [hanging] }], new Set());
  expect(outcome).toBe("blocked");
  expect(journal.state().entries[0]?.findings[0]?.finding.level).toBe("unknown");
});

test("the journal is whole on disk, private, and survives a torn last line", async () => {
  const { journal } = await start([light("a")], new Set());
  const before = journal.state();
  journal.close();
  const path = join(folder, "journal.ndjson");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "installation.log")).mode & 0o777).toBe(0o600);
  writeFileSync(path, `${readFileSync(path, "utf8")}{"seq":99,"at":1,"ev`);
  const again = openJournal(folder);
  expect(again.state()).toEqual(before);
  again.append({ type: "run.resumed", pid: 2 });
  expect(readRun(folder)?.status).toBe("running");
});

test("a follower gets what it missed and then everything else, in order and once", async () => {
  const journal = openJournal(folder);
  journal.append({ type: "run.started", runId: "r", purpose: "install", planHash: "", pid: 1, entries: [] });
  journal.append({ type: "run.resumed", pid: 1 });
  const seen: number[] = [];
  const unfollow = journal.follow(1, (event) => seen.push(event.seq));
  journal.append({ type: "run.finished", outcome: "done" });
  unfollow();
  journal.append({ type: "run.resumed", pid: 1 });
  expect(seen).toEqual([2, 3]);
});

test("progress is told at most twice a second, and the last one always", async () => {
  const busy = light("a", {
    run: async (world, job) => {
      for (let i = 1; i <= 1000; i += 1) job.progress(i, 1000, "rows");
      lampsOf(world).add("a");
      return {};
    },
  });
  const { journal } = await start([busy], new Set());
  const told = readFileSync(join(folder, "journal.ndjson"), "utf8")
    .split("\n")
    .filter((line) => line.includes("step.progressed"));
  expect(told).toHaveLength(2);
  expect(journal.state().entries[0]?.progress?.done).toBe(1000);
});

test("undo takes back what receipts say was made, newest first, and only once", async () => {
  const lamps: Lamps = new Set(["mine"]);
  const plan = [light("mine"), light("a"), light("b")];
  const { journal } = await start(plan, lamps);
  const owed = debts([journal.state()]);
  expect(owed.map((debt) => debt.stepId)).toEqual(["light-b", "light-a"]);
  rmSync(folder, { recursive: true });
  const undoing = openJournal(folder);
  undoing.append({
    type: "run.started",
    runId: "u",
    purpose: "undo",
    planHash: "",
    pid: 1,
    entries: owed.map((debt) => ({ kind: "step", id: undoEntryId(debt), title: debt.stepId })),
  });
  const stepOf = new Map(plan.map((step) => [step.id, step]));
  const find = ({ stepId }: { stepId: string }) => {
    const step = stepOf.get(stepId);
    return step && { step, world: worldOf(lamps) };
  };
  expect(await takeBack(owed, find, undoing, new AbortController().signal)).toBe(true);
  expect([...lamps]).toEqual(["mine"]);
  expect(debts([journal.state(), undoing.state()])).toEqual([]);
});

test("a receipt of a crashed attempt is kept beside that of the next one", async () => {
  const journal = openJournal(folder);
  journal.append({
    type: "run.started",
    runId: "r",
    purpose: "install",
    planHash: "",
    pid: 1,
    entries: [{ kind: "step", id: "s", title: "S" }],
  });
  journal.append({ type: "entry.started", entryId: "s" });
  journal.append({ type: "step.spent", entryId: "s", receipt: { made: ["a"] } });
  journal.append({ type: "step.spent", entryId: "s", receipt: { made: ["a", "b"] } });
  journal.append({ type: "run.resumed", pid: 2 });
  journal.append({ type: "entry.started", entryId: "s" });
  journal.append({ type: "step.receipted", entryId: "s", receipt: { made: ["c"] } });
  expect(debts([journal.state()]).map((debt) => debt.receipt)).toEqual([{ made: ["c"] }, { made: ["a", "b"] }]);
});

test("undoing one run leaves what the same step did in another run", async () => {
  const run = (runId: string, purpose: "install" | "undo", entryId: string, events: (journal: Journal) => void) => {
    const journal = openJournal(join(folder, runId));
    journal.append({
      type: "run.started",
      runId,
      purpose,
      planHash: "",
      pid: 1,
      entries: [{ kind: "step", id: entryId, title: "S" }],
    });
    events(journal);
    return journal.state();
  };
  const receipt = (made: string) => (journal: Journal) =>
    journal.append({ type: "step.receipted", entryId: "s", receipt: { made } });
  const first = run("one", "install", "s", receipt("a"));
  const second = run("two", "install", "s", receipt("b"));
  const undone = run("three", "undo", "s@two", (journal) =>
    journal.append({ type: "step.takenBack", entryId: "s@two", says: "" }),
  );
  expect(debts([first, second, undone])).toEqual([{ runId: "one", stepId: "s", receipt: { made: "a" } }]);
});
