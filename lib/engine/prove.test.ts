import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { sentence } from "../problem.ts";
import { type Finding, type Proof, proof } from "./probe.ts";
import { start } from "./toy-world.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prove-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wait = sentence("Wait.");
const dark: Finding = { level: "fail", says: "It is dark.", remedy: wait };
const glows: Finding = { level: "ok", says: "It glows." };
const warms = (secondsLeft: number): Finding => ({
  level: "warn",
  says: `It is warming up, ${secondsLeft} s left.`,
  remedy: wait,
  warmingUp: { secondsLeft },
});

/** A proof that answers so, one after another, and goes on with the last of them. */
function answering(...findings: Finding[]): { proof: Proof; times: () => number } {
  let times = 0;
  const last = findings.at(-1) as Finding;
  const made = proof({
    id: "p",
    title: "It glows",
    group: "Services",
    label: "machine",
    everyMs: 1000,
    prove: async () => findings[times++] ?? last,
  });
  return { proof: made as Proof, times: () => times };
}

async function prove(asked: Proof, { required = true, patienceMs = 5000 } = {}) {
  const { outcome, journal } = await start(
    folder,
    [{ kind: "proving", id: "prove", title: "Prove", why: "", proofs: [{ proof: asked, required }], patienceMs }],
    new Set(),
  );
  return { outcome, entry: journal.state().entries[0] };
}

test("a proof is tried again until it holds", async () => {
  const slowly = answering(dark, dark, glows);
  expect((await prove(slowly.proof)).outcome).toBe("done");
  expect(slowly.times()).toBe(3);
});

test("a required proof that never holds fails the run, one that is not required does not", async () => {
  expect((await prove(answering(dark).proof, { patienceMs: 20 })).outcome).toBe("failed");
  rmSync(folder, { recursive: true });
  expect((await prove(answering(dark).proof, { patienceMs: 20, required: false })).outcome).toBe("done");
});

test("what still warms up is waited for, though the health page counts it as held", async () => {
  const slowly = answering(warms(2), warms(1), glows);
  const { outcome, entry } = await prove(slowly.proof);
  expect(outcome).toBe("done");
  expect(slowly.times()).toBe(3);
  expect(entry?.says).toBe("1 of 1 proofs hold.");
});

test("a warning that does not warm up holds at once", async () => {
  const { warmingUp: _, ...lasting } = warms(1) as Extract<Finding, { level: "warn" }>;
  const once = answering(lasting);
  expect((await prove(once.proof)).entry?.says).toBe("1 of 1 proofs hold.");
  expect(once.times()).toBe(1);
});

test("what takes longer than there is patience ends the run, and is told as not proven", async () => {
  const long = answering(warms(40));
  const { outcome, entry } = await prove(long.proof);
  expect(outcome).toBe("done");
  expect(long.times()).toBe(1);
  expect(entry?.says).toBe("0 of 1 proofs hold. Not proven yet: It is warming up, 40 s left.");
  expect(entry?.findings[0]?.finding).toMatchObject({ level: "warn", warmingUp: { secondsLeft: 40 } });
});

test("a warm-up that turns into a failure is one", async () => {
  expect((await prove(answering(warms(1), dark).proof, { patienceMs: 1500 })).outcome).toBe("failed");
});

test("something unknown that may come is waited for like a failure, and fails with it", async () => {
  const unknown: Finding = { level: "unknown", says: "Nothing yet, 40 s left.", warmingUp: { secondsLeft: 40 } };
  expect((await prove(answering(unknown, glows).proof)).outcome).toBe("done");
  rmSync(folder, { recursive: true });
  expect((await prove(answering(unknown).proof, { patienceMs: 20 })).outcome).toBe("failed");
});
