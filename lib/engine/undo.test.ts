import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { Problem } from "../problem.ts";
import { type Journal, openJournal } from "./journal.ts";
import type { Step } from "./step.ts";
import { type Lamps, light, start, worldOf } from "./toy-world.ts";
import { debts, takeBack, undoEntryId } from "./undo.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("undo takes back what receipts say was made, newest first, and only once", async () => {
  const lamps: Lamps = new Set(["mine"]);
  const plan = [light("mine"), light("a"), light("b")];
  const { journal } = await start(folder, plan, lamps);
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

test("what stays by intention is said and is no failure; what could have gone and did not is one", async () => {
  const lamps: Lamps = new Set();
  const undo = { takeBack: async () => undefined };
  const plan = [
    light("kept", { undo: { ...undo, keeps: () => "Lamp kept stays lit." } }),
    light("never", { undo: { never: "A lamp that was lit stays warm." } }),
  ];
  const broken = light("broken", {
    undo: {
      async takeBack() {
        throw new Problem({ code: "toy.stuck", says: "The switch is stuck." });
      },
    },
  });
  const undone = async (steps: readonly Step[]) => {
    const room = mkdtempSync(join(folder, "run-"));
    const { journal } = await start(room, steps, lamps);
    const owed = debts([journal.state()]);
    const undoing = openJournal(join(room, "undo"));
    undoing.append({
      type: "run.started",
      runId: "u",
      purpose: "undo",
      planHash: "",
      pid: 1,
      entries: owed.map((debt) => ({ kind: "step", id: undoEntryId(debt), title: debt.stepId })),
    });
    const find = ({ stepId }: { stepId: string }) => {
      const step = steps.find(({ id }) => id === stepId);
      return step && { step, world: worldOf(lamps) };
    };
    const whole = await takeBack(owed, find, undoing, new AbortController().signal);
    return { whole, entries: undoing.state().entries.map(({ status, says, stays }) => ({ status, says, stays })) };
  };
  expect(await undone(plan)).toEqual({
    whole: true,
    entries: [
      { status: "left", says: "A lamp that was lit stays warm.", stays: true },
      { status: "left", says: "Lamp kept stays lit.", stays: true },
    ],
  });
  expect(await undone([broken])).toEqual({
    whole: false,
    entries: [{ status: "left", says: "The switch is stuck.", stays: undefined }],
  });
});
