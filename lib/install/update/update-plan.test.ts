import { expect, test } from "playwright/test";
import { answers } from "../answers.ts";
import type { UpdateRehearsal } from "./rehearse-update.ts";
import { judgeUpdate } from "./update-fits.ts";
import { everyStep, updatePlan } from "./update-plan.ts";

const installed = answers.parse({
  version: 1,
  checkout: { kind: "path", path: "/home/ada/rec_io" },
  person: { userId: "ada", fullName: "Ada", email: "ada@example.org" },
  kalshi: { kind: "none" },
  database: { kind: "embedded", port: 15_432 },
  data: { kind: "none" },
  python: { packages: "system" },
  consent: { systemPackages: false, goOnWithout: [] },
});
const to = "2".repeat(40);
const fits: UpdateRehearsal = {
  from: "1".repeat(40),
  to,
  subjects: [],
  drift: [],
  modules: [],
  statements: { asked: 197, refused: [], unread: 0 },
  collisions: [],
  verdict: "fits",
  says: "From 1111111 to 2222222: all 197 statements are taken by your database.",
};

test("An update looks first, keeps the rows, moves the checkout, and ends with the proofs", () => {
  const plan = updatePlan(installed, { to, anyway: false }, {});
  expect(plan.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    "gate update",
    "step back-up-rows",
    "step check-out-commit",
    "step create-programs-user",
    "step create-python-environment",
    "step write-supervisor-configuration",
    "step start-supervisord",
    "step start-services",
    "proving prove-services",
  ]);
  const known = everyStep(installed);
  for (const entry of plan.filter(({ kind }) => kind === "step")) expect(known.has(entry.id), entry.id).toBe(true);
});

test("What would break holds the update up and names the first things; whoever read them may go on", () => {
  expect(judgeUpdate(fits, false)).toMatchObject({ level: "ok" });
  const refused = (column: string) => ({
    where: `backend/main.py:${column.length}`,
    missing: `users.trades_0001.${column}`,
    says: "no",
  });
  const broken: UpdateRehearsal = {
    ...fits,
    verdict: "would break",
    statements: { asked: 197, refused: ["a", "bb", "ccc", "dddd"].map(refused), unread: 0 },
    drift: [{ kind: "breaks", says: "The script of main_app is gone." }],
  };
  const held = judgeUpdate(broken, false);
  expect(held).toMatchObject({ level: "fail", remedy: { says: expect.stringContaining("--anyway") } });
  expect(held.says).toContain("backend/main.py:1 needs users.trades_0001.a;");
  expect(held.says).toMatch(/; and 2 more\.$/);
  expect(judgeUpdate(broken, true)).toMatchObject({ level: "warn" });
});
