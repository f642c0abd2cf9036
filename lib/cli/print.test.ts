import { expect, test } from "playwright/test";
import { foldRun, type RunState, unbornRun } from "../engine/state.ts";
import { newLines, planLines } from "./print.ts";

const entries = [{ kind: "step" as const, id: "apply-schema", title: "Apply the schema" }];
const started = foldRun(unbornRun, {
  seq: 1,
  at: 1,
  event: { type: "run.started", runId: "r", purpose: "install", planHash: "h", pid: 1, entries },
});
const running = foldRun(started, { seq: 2, at: 2, event: { type: "entry.started", entryId: "apply-schema" } });
const progressed = (state: RunState, seq: number, done: number) =>
  foldRun(state, {
    seq,
    at: seq,
    event: { type: "step.progressed", entryId: "apply-schema", done, total: 200, unit: "tables" },
  });

test("a run is told in lines, each thing once", () => {
  expect(newLines(undefined, started)).toEqual([]);
  expect(newLines(started, running)).toEqual(["…           Apply the schema"]);
  expect(newLines(running, running)).toEqual([]);
  const half = progressed(running, 3, 100);
  expect(newLines(running, half)).toEqual(["            100 of 200 tables (50 %)"]);
  expect(newLines(half, half)).toEqual([]);
  const done = foldRun(half, {
    seq: 4,
    at: 4,
    event: { type: "entry.done", entryId: "apply-schema", says: "Every table is there.", tookMs: 1_234 },
  });
  expect(newLines(half, done)).toEqual(["done        Apply the schema (1.2 s): Every table is there."]);
});

test("a failed step is told with its remedy", () => {
  const problem = {
    code: "disk.full",
    says: "The disk is full.",
    remedy: { kind: "sentence" as const, says: "Free 10 GB." },
  };
  const failed = foldRun(running, {
    seq: 3,
    at: 3,
    event: { type: "entry.failed", entryId: "apply-schema", problem, tookMs: 5 },
  });
  expect(newLines(running, failed)).toEqual([
    "FAILED      Apply the schema (5 ms): The disk is full.",
    "            Free 10 GB.",
  ]);
});

test("a step that is already so is not called a change", () => {
  const plan = {
    hash: "h",
    notes: [],
    blockers: [],
    entries: [{ ...entries[0], kind: "step" as const, id: "x", title: "Apply the schema", changes: [] }],
  };
  expect(planLines(plan)).toEqual(["already  Apply the schema"]);
});

test("What a step looks after is told as a count of what is there, and each thing that is not", () => {
  const plan = {
    hash: "h",
    notes: [],
    blockers: [],
    entries: [
      {
        kind: "step" as const,
        id: "apply-schema",
        title: "Create the tables",
        changes: [{ what: "sql" as const, target: "users.fills_0001", detail: "CREATE TABLE" }],
        objects: [
          { name: "users", is: "there" as const },
          {
            name: "users.fills_0001",
            is: "missing" as const,
            says: "users.fills_0001 is missing",
            neededBy: "main.py:12",
          },
          { name: "users.trades_0001.side", is: "wrong" as const, says: "users.trades_0001.side is jsonb" },
        ],
      },
    ],
  };
  expect(planLines(plan)).toEqual([
    "change   Create the tables",
    "           sql users.fills_0001: CREATE TABLE",
    "           1 schemas and tables are as needed; these are not:",
    "             missing users.fills_0001 is missing (needed by main.py:12)",
    "             wrong   users.trades_0001.side is jsonb",
  ]);
});
