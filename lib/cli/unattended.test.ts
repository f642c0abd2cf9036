import { expect, test } from "playwright/test";
import { testAnswers } from "../health/test-world.ts";
import type { PlannedEntry } from "../runtime.ts";
import type { Holder } from "./holder.ts";
import { installUnattended } from "./unattended.ts";

/** A holder whose plan has these changes for the login, and that notes what it is asked. */
function holderOf(changes: PlannedEntry["changes"]): { holder: Holder; asked: string[] } {
  const asked: string[] = [];
  const holder = {
    async call(name: string) {
      asked.push(name);
      if (name === "describe-plan")
        return {
          hash: "h",
          entries: [{ kind: "step", id: "create-login", title: "Create the login", changes }],
          notes: [],
          blockers: [],
        };
      if (name === "start-run") return { runId: "one" };
      if (name === "run-state") return { status: "failed", entries: [] };
      return {};
    },
  } as unknown as Holder;
  return { holder, asked };
}

const row: PlannedEntry["changes"][number] = { what: "rows", target: "users.user_info_0001" };
const answers = testAnswers();

test("a login that is to be made without a password is told before anything is changed", async () => {
  const { holder, asked } = holderOf([row]);
  await expect(installUnattended(holder, { answers, secrets: {} }, { say: () => undefined })).rejects.toMatchObject({
    code: "answers.login-password-missing",
    remedy: { says: expect.stringContaining("secrets.loginPasswordFile") },
  });
  expect(asked).not.toContain("start-run");
});

test("with a password, or where the login is there already, the run begins", async () => {
  for (const [changes, secrets] of [
    [[row], { loginPassword: "correct horse" }],
    [[], {}],
  ] as const) {
    const { holder, asked } = holderOf([...changes]);
    await installUnattended(holder, { answers, secrets }, { say: () => undefined });
    expect(asked).toContain("start-run");
  }
});

test("what this machine brings about by itself a moment later is waited for, what is the exchange's is not", async () => {
  const reports = (label: string) => {
    const reason = { label, says: "Every probability is 50.00." };
    let asked = 0;
    return {
      asked: () => asked,
      holder: {
        async call(name: string) {
          if (name === "describe-plan") return { hash: "h", entries: [], notes: [], blockers: [] };
          if (name === "start-run") return { runId: "one" };
          if (name === "run-state") return { status: "done", entries: [] };
          if (name !== "health") return {};
          asked += 1;
          return { installed: true, tradable: asked > 1, reasons: { tradable: asked > 1 ? [] : [reason] } };
        },
      } as unknown as Holder,
    };
  };
  const kalshi = { kind: "key", environment: "demo", keyId: "00000000-0000-4000-8000-000000000000" } as const;
  const given = { answers: { ...answers, kalshi }, secrets: {} };
  const end = (holder: Holder) => installUnattended(holder, given, { say: () => undefined });
  const [machine, exchange] = [reports("machine"), reports("exchange")];
  expect((await end(machine.holder)).health.tradable).toBe(true);
  expect((await end(exchange.holder)).health.tradable).toBe(false);
  expect(exchange.asked()).toBe(1);
});

test("after a power cut the installation's own PostgreSQL is started first, and then the plan is told", async () => {
  const asked: string[] = [];
  const stopped = { says: "Nothing answers.", remedy: { kind: "step", stepId: "start-postgres", says: "Start it." } };
  let runs = false;
  const holder = {
    async call(name: string, input: { stepId?: string }) {
      asked.push(`${name}${input.stepId ? ` ${input.stepId}` : ""}`);
      if (name === "describe-plan") return { hash: "h", entries: [], notes: [], blockers: runs ? [] : [stopped] };
      if (name === "describe-repair") return { hash: "r", entries: [], notes: [], blockers: [] };
      if (name === "repair") runs = true;
      if (name === "run-state") return { status: "done", entries: [] };
      if (name === "health") return { installed: true, reasons: { tradable: [] } };
      return { runId: "one" };
    },
  } as unknown as Holder;
  const { run } = await installUnattended(holder, { answers, secrets: {} }, { say: () => undefined });
  expect(run.status).toBe("done");
  expect(asked.filter((name) => /^(describe|repair|start)/.test(name))).toEqual([
    "describe-plan",
    "describe-repair start-postgres",
    "repair start-postgres",
    "describe-plan",
    "start-run",
  ]);
});
