import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { statePaths } from "../paths.ts";
import { stillRuns } from "../server/state/process-identity.ts";
import { readServerRecord, runningOf } from "../server/state/server-record.ts";
import { doorTests, only } from "./test-doors.ts";

const on = doorTests(23500);

test("answers that cannot be used are one sentence, and nothing is changed", async () => {
  const bad: [string, string, () => string][] = [
    ["answers.not-json", "is not JSON", () => on.writeText("a.json", "{ no")],
    [
      "answers.not-usable",
      "person.email: The e-mail address does not look like one.",
      () => on.writeAnswers({ person: { userId: "eva", fullName: "Eva", email: "nowhere" } }),
    ],
    [
      "answers.not-usable",
      "must not be admin",
      () => on.writeAnswers({ person: { userId: "admin", fullName: "Eva", email: "eva@example.com" } }),
    ],
    [
      "answers.not-usable",
      "kalshi: This answer is missing. kalsih: There is no answer of this name.",
      () => on.writeAnswers({ kalshi: undefined, kalsih: { kind: "none" } }),
    ],
    ["answers.not-usable", "data.knid: There is no answer", () => on.writeAnswers({ data: { kind: "none", knid: 1 } })],
    ["file.not-readable", "is not there", () => join(on.bench.folder, "none.json")],
    ["file.not-readable", "is not a file", () => on.bench.folder],
    [
      "file.not-readable",
      "The file of the login password",
      () => on.writeAnswers({ secrets: { loginPasswordFile: join(on.bench.folder, "none") } }),
    ],
  ];
  for (const [code, says, make] of bad) {
    const end = await on.bench.door("setup", "--answers", make(), "--json");
    expect(end.code).toBe(1);
    const { problem } = only(end.stdout) as { problem: { code: string; says: string } };
    expect(problem.code).toBe(code);
    expect(problem.says).toContain(says);
  }
  expect(existsSync(on.bench.state)).toBe(false);
});

test("a secret file that others may read is refused, and its text is told to nobody", async () => {
  const secret = join(on.bench.folder, "password");
  writeFileSync(secret, "correct horse\n");
  chmodSync(secret, 0o640);
  const file = on.writeAnswers({ secrets: { loginPasswordFile: secret } });
  const end = await on.bench.door("setup", "--answers", file, "--json", "--port", String(on.port));
  expect(only(end.stdout)).toEqual({
    problem: expect.objectContaining({ code: "file.open-to-others", says: expect.stringContaining("mode 0640") }),
  });
  expect(end.stdout + end.stderr).not.toContain("horse");
  chmodSync(secret, 0o600);
  expect((await on.bench.door("setup", "--answers", file, "--json", "--port", String(on.port))).code).toBe(0);
});

test("unattended: the plan is printed, the run is followed in lines, and the exit is 0 only if installed", async () => {
  const good = await on.bench.door("setup", "--answers", on.writeAnswers(), "--port", String(on.port));
  expect(good.code).toBe(0);
  expect(good.stdout).toContain("change   Write the configuration");
  expect(good.stdout).toContain("done        Write the configuration (12 ms): The file is there.");
  expect(good.stdout).toContain("Installed: yes. Tradable: no.");
  expect(only((await on.bench.door("doctor", "--json")).stdout)).toMatchObject({ installed: true });
});

test("unattended: a failed run is exit 1 with the problem, and the page stays on", async () => {
  const file = on.writeAnswers({ person: { userId: "failing", fullName: "Eva", email: "eva@example.com" } });
  const end = await on.bench.door("setup", "--answers", file, "--json", "--port", String(on.port));
  expect(end.code).toBe(1);
  expect(only(end.stdout)).toMatchObject({
    installed: false,
    run: "failed",
    problem: { says: "The file could not be written." },
  });
  expect((await fetch(`http://localhost:${on.port}/`)).status).toBe(200);
});

test("unattended: what stands in the way is told before anything is changed", async () => {
  const file = on.writeAnswers({ person: { userId: "blocked", fullName: "Eva", email: "eva@example.com" } });
  const end = await on.bench.door("setup", "--answers", file, "--json", "--port", String(on.port));
  expect(only(end.stdout)).toEqual({
    problem: {
      code: "plan.blocked",
      says: "The disk is full.",
      remedy: { kind: "sentence", says: "Free 10 GB." },
      evidence: { asked: "what else stands in the way", cameBack: "The folder is empty. Name another." },
    },
  });
});

test("Ctrl-C in an unattended run ends the page, and the exit is not 0", async () => {
  const person = { userId: "endless", fullName: "Eva", email: "eva@example.com" };
  const setup = on.bench.begin("setup", "--answers", on.writeAnswers({ person }), "--port", String(on.port));
  await expect.poll(() => setup.output(), { timeout: 15_000 }).toContain("…           Write the configuration");
  const processes = runningOf(readServerRecord(statePaths(on.bench.state).server));
  const began = Date.now();
  setup.child.kill("SIGINT");
  const { code, stdout } = await setup.ended;
  expect(Date.now() - began).toBeLessThan(2_000);
  expect(code).toBe(130);
  expect(stdout).toContain("The page is off and the run is interrupted.");
  expect(processes.some(stillRuns)).toBe(false);
});
