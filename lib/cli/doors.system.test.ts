import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { statePaths } from "../paths.ts";
import { buildFixture, type DoorBench, openBench, removeFixture } from "../server/fixture/fixture-build.ts";
import { freePortAbove } from "../server/port-choice.ts";
import { stillRuns } from "../server/state/process-identity.ts";
import { readServerRecord, runningOf } from "../server/state/server-record.ts";

let buildFolder: string;
let bench: DoorBench;
let port: number;

test.beforeAll(async () => {
  buildFolder = await buildFixture();
});
test.afterAll(() => removeFixture());
test.beforeEach(async () => {
  bench = openBench(buildFolder);
  port = (await freePortAbove(23_000 + test.info().workerIndex * 100)) as number;
});
test.afterEach(() => bench.close());

/** stdout of a door with --json: exactly one object, or the test fails. */
function only(stdout: string): Record<string, unknown> {
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  return JSON.parse(stdout) as Record<string, unknown>;
}

function writeText(name: string, text: string): string {
  const file = join(bench.folder, name);
  writeFileSync(file, text);
  return file;
}

function writeAnswers(change: object = {}): string {
  const given = {
    checkout: { kind: "path", path: "/srv/rec_io" },
    person: { userId: "eva", fullName: "Eva Luator", email: "eva@example.com" },
    kalshi: { kind: "none" },
    ...change,
  };
  return writeText("answers.json", JSON.stringify(given));
}

test("an unknown option, command or word is one sentence and exit 2", async () => {
  const wrong = [
    ["doctor", "--colour"],
    ["recio", "dance"],
    ["plan"],
    ["nonsense"],
    ["start", "--port", "seventy"],
    ["stop", "now"],
  ];
  for (const args of wrong) {
    const end = await bench.door(...args);
    expect(end.code, args.join(" ")).toBe(2);
    expect(end.stdout).toBe("");
    expect(end.stderr.trim().split("\n")).toHaveLength(2);
    expect(only((await bench.door(...args, "--json")).stdout)).toEqual({
      problem: expect.objectContaining({ code: "cli.not-understood" }),
    });
  }
  expect(existsSync(bench.state)).toBe(false);
});

test("an option's value may begin with dashes", async () => {
  const file = writeAnswers();
  const end = await bench.begin("plan", "--answers", file, "--json").ended;
  expect(end.code).toBe(0);
  expect(only((await bench.door("plan", "--answers", "--no-open", "--json")).stdout)).toEqual({
    problem: expect.objectContaining({ code: "file.not-readable", says: "The answers file --no-open is not there." }),
  });
});

test("doctor, stop and uninstall leave an empty state as empty as it was", async () => {
  const doctor = await bench.door("doctor", "--json");
  expect(doctor.code).toBe(1);
  expect(only(doctor.stdout)).toMatchObject({ installed: false, tradable: false, status: "down", probes: [] });
  expect(await bench.door("stop")).toMatchObject({ code: 0, stdout: "No page was on.\n" });
  expect(only((await bench.door("uninstall", "--yes", "--json")).stdout)).toEqual({ takenBack: [], left: [] });
  expect(existsSync(bench.state)).toBe(false);
});

test("answers that cannot be used are one sentence, and nothing is changed", async () => {
  const bad: [string, string, () => string][] = [
    ["answers.not-json", "is not JSON", () => writeText("a.json", "{ no")],
    [
      "answers.not-usable",
      "person.email: The e-mail address does not look like one.",
      () => writeAnswers({ person: { userId: "eva", fullName: "Eva", email: "nowhere" } }),
    ],
    [
      "answers.not-usable",
      "must not be admin",
      () => writeAnswers({ person: { userId: "admin", fullName: "Eva", email: "eva@example.com" } }),
    ],
    [
      "answers.not-usable",
      "kalshi: This answer is missing. kalsih: There is no answer of this name.",
      () => writeAnswers({ kalshi: undefined, kalsih: { kind: "none" } }),
    ],
    ["answers.not-usable", "data.knid: There is no answer", () => writeAnswers({ data: { kind: "none", knid: 1 } })],
    ["file.not-readable", "is not there", () => join(bench.folder, "none.json")],
    ["file.not-readable", "is not a file", () => bench.folder],
    [
      "file.not-readable",
      "The file of the login password",
      () => writeAnswers({ secrets: { loginPasswordFile: join(bench.folder, "none") } }),
    ],
  ];
  for (const [code, says, make] of bad) {
    const end = await bench.door("setup", "--answers", make(), "--json");
    expect(end.code).toBe(1);
    const { problem } = only(end.stdout) as { problem: { code: string; says: string } };
    expect(problem.code).toBe(code);
    expect(problem.says).toContain(says);
  }
  expect(existsSync(bench.state)).toBe(false);
});

test("a secret file that others may read is refused, and its text is told to nobody", async () => {
  const secret = join(bench.folder, "password");
  writeFileSync(secret, "correct horse\n");
  chmodSync(secret, 0o640);
  const file = writeAnswers({ secrets: { loginPasswordFile: secret } });
  const end = await bench.door("setup", "--answers", file, "--json", "--port", String(port));
  expect(only(end.stdout)).toEqual({
    problem: expect.objectContaining({ code: "file.open-to-others", says: expect.stringContaining("mode 0640") }),
  });
  expect(end.stdout + end.stderr).not.toContain("horse");
  chmodSync(secret, 0o600);
  expect((await bench.door("setup", "--answers", file, "--json", "--port", String(port))).code).toBe(0);
});

test("unattended: the plan is printed, the run is followed in lines, and the exit is 0 only if installed", async () => {
  const good = await bench.door("setup", "--answers", writeAnswers(), "--port", String(port));
  expect(good.code).toBe(0);
  expect(good.stdout).toContain("change   Write the configuration");
  expect(good.stdout).toContain("done        Write the configuration (12 ms): The file is there.");
  expect(good.stdout).toContain("Installed: yes. Tradable: no.");
  expect(only((await bench.door("doctor", "--json")).stdout)).toMatchObject({ installed: true });
});

test("unattended: a failed run is exit 1 with the problem, and the page stays on", async () => {
  const file = writeAnswers({ person: { userId: "failing", fullName: "Eva", email: "eva@example.com" } });
  const end = await bench.door("setup", "--answers", file, "--json", "--port", String(port));
  expect(end.code).toBe(1);
  expect(only(end.stdout)).toMatchObject({
    installed: false,
    run: "failed",
    problem: { says: "The file could not be written." },
  });
  expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
});

test("unattended: what stands in the way is told before anything is changed", async () => {
  const file = writeAnswers({ person: { userId: "blocked", fullName: "Eva", email: "eva@example.com" } });
  const end = await bench.door("setup", "--answers", file, "--json", "--port", String(port));
  expect(only(end.stdout)).toEqual({
    problem: {
      code: "plan.blocked",
      says: "The disk is full.",
      remedy: { kind: "sentence", says: "Free 10 GB." },
      evidence: { asked: "what else stands in the way", cameBack: "The folder is empty. Name another." },
    },
  });
});

test("setup prints a link whose code works once, Enter makes another, Ctrl-C before installed ends the page in under two seconds", async () => {
  const setup = bench.begin("setup", "--port", String(port));
  const codes = () =>
    [...setup.output().matchAll(new RegExp(`http://localhost:${port}/#code=([\\w-]{22})\\n`, "g"))].map(
      (match) => match[1],
    );
  await expect.poll(codes, { timeout: 15_000 }).toHaveLength(1);
  setup.child.stdin.write("\n");
  await expect.poll(codes).toHaveLength(2);
  const exchange = (code: string | undefined) =>
    fetch(`http://localhost:${port}/api/session`, {
      method: "POST",
      headers: { Origin: `http://localhost:${port}` },
      body: JSON.stringify({ code }),
    });
  expect((await exchange(codes()[0])).status).toBe(200);
  expect((await exchange(codes()[0])).status).toBe(401);
  expect((await exchange(codes()[1])).status).toBe(200);
  const processes = runningOf(readServerRecord(statePaths(bench.state).server));
  const began = Date.now();
  setup.child.kill("SIGINT");
  setup.child.kill("SIGINT");
  expect((await setup.ended).code).toBe(0);
  expect(Date.now() - began).toBeLessThan(2_000);
  expect(processes.some(stillRuns)).toBe(false);
});

test("Ctrl-C after installed leaves the page on, and so does a closed terminal before it", async () => {
  const closed = bench.begin("setup", "--port", String(port));
  await expect.poll(() => closed.output(), { timeout: 15_000 }).toContain("#code=");
  closed.child.kill("SIGHUP");
  await closed.ended;
  expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
  expect((await bench.door("setup", "--answers", writeAnswers())).code).toBe(0);
  const setup = bench.begin("setup");
  await expect.poll(() => setup.output(), { timeout: 15_000 }).toContain("REC.IO is installed.");
  setup.child.kill("SIGINT");
  expect((await setup.ended).stdout).toContain("The page stays on.");
  expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
});

test("Ctrl-C in an unattended run ends the page, and the exit is not 0", async () => {
  const person = { userId: "endless", fullName: "Eva", email: "eva@example.com" };
  const setup = bench.begin("setup", "--answers", writeAnswers({ person }), "--port", String(port));
  await expect.poll(() => setup.output(), { timeout: 15_000 }).toContain("…           Write the configuration");
  const processes = runningOf(readServerRecord(statePaths(bench.state).server));
  const began = Date.now();
  setup.child.kill("SIGINT");
  const { code, stdout } = await setup.ended;
  expect(Date.now() - began).toBeLessThan(2_000);
  expect(code).toBe(130);
  expect(stdout).toContain("The page is off and the run is interrupted.");
  expect(processes.some(stillRuns)).toBe(false);
});

test("what breaks after an installation does not make Ctrl-C end its page", async () => {
  const person = { userId: "broken", fullName: "Eva", email: "eva@example.com" };
  const install = bench.begin("setup", "--answers", writeAnswers({ person }), "--port", String(port));
  await expect.poll(() => install.output(), { timeout: 15_000 }).toContain("done        Write the configuration");
  install.child.kill("SIGINT");
  expect((await install.ended).stdout).toContain("The page stays on.");
  expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
});

test("a taken port names the program that holds it and says with which command another is taken", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, "::1", resolve));
  const end = await bench.door("start", "--port", String(port), "--json");
  expect(end.code).toBe(1);
  const { problem } = only(end.stdout) as { problem: { code: string; says: string; remedy: { says: string } } };
  expect(problem.code).toBe("server.port-taken");
  expect(problem.says).toMatch(new RegExp(`^Port ${port} is taken by .+ \\(process ${process.pid}\\)\\.$`));
  const offered = Number(/npm run start -- --port (\d+)$/.exec(problem.remedy.says)?.[1]);
  await new Promise((resolve) => other.close(resolve));
  expect(only((await bench.door("start", "--port", String(offered), "--json")).stdout)).toMatchObject({
    port: offered,
  });
});

test("at a terminal a taken port is asked about, and Enter and Ctrl-C do what they say", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, "0.0.0.0", resolve));
  const setup = bench.beginAtTerminal("setup", "--no-open", "--port", String(port));
  await expect.poll(() => setup.output(), { timeout: 15_000 }).toContain("instead? [Y/n]");
  expect(setup.output()).toMatch(new RegExp(`Port ${port} is taken by .+ \\(process ${process.pid}\\)\\.`));
  setup.child.stdin.write("\r");
  const links = () => setup.output().match(/#code=[\w-]{22}/g) ?? [];
  await expect.poll(() => setup.output(), { timeout: 15_000 }).toContain("Ctrl-C ends the page.");
  expect(links()).toHaveLength(1);
  setup.child.stdin.write("\r");
  await expect.poll(links).toHaveLength(2);
  setup.child.stdin.write("\x03");
  expect(await setup.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("The page is off.") });
  expect(runningOf(readServerRecord(statePaths(bench.state).server))).toEqual([]);
  await new Promise((resolve) => other.close(resolve));
});

test("the doors to REC.IO work alike through a running server and without one", async () => {
  for (const served of [false, true]) {
    if (served) await bench.door("start", "--port", String(port));
    expect(only((await bench.door("recio", "status", "--json")).stdout)).toMatchObject({
      programs: [{ name: "trade_manager", state: "RUNNING" }],
    });
    expect((await bench.door("recio", "start")).code).toBe(0);
    const stop = await bench.door("recio", "stop", "--json");
    expect(only(stop.stdout)).toMatchObject({
      before: ["KXBTCD-1 is open.", "Until REC.IO runs again it has no stop."],
      programs: [{ name: "trade_manager", state: "STOPPED" }],
    });
    expect(stop.code).toBe(0);
    // What cannot be told holds up nothing that was asked for.
    if (served)
      expect(only((await bench.door("recio", "stop", "--json")).stdout)).toMatchObject({
        before: ["Whether trades are open is not known: The database does not answer."],
      });
    expect((await bench.door("recio", "start")).code).toBe(0);
    const restart = await bench.door("recio", "restart");
    expect(restart.stdout).toMatch(/^KXBTCD-1 is open\.\nUntil REC\.IO runs again it has no stop\.\nRUNNING/);
    expect((await bench.door("recio", "start", "no_such_program")).stderr).toContain(
      "There is no program no_such_program.",
    );
    expect(await bench.door("recio", "logs", "trade_manager", "--lines", "7", "--errors")).toMatchObject({
      stdout: "trade_manager err 7\n",
    });
    expect((await bench.door("connection")).stdout).toBe("postgresql://rec_io_user@127.0.0.1:15432/rec_io_db\n");
    expect(only((await bench.door("trading", "lock", "--json")).stdout)).toMatchObject({ mode: "none" });
    expect((await bench.door("trading", "release")).code).toBe(2);
    expect((await bench.door("trading", "release", "--confirm", "yes")).code).toBe(1);
    expect(
      only((await bench.door("trading", "release", "--mode", "all", "--confirm", "release", "--json")).stdout),
    ).toMatchObject({ mode: "all" });
  }
});
