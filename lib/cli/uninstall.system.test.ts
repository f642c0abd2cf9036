import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
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
  port = (await freePortAbove(25_000 + test.info().workerIndex * 100)) as number;
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

test("uninstall lists, wants a yes, takes back, and leaves no file and no process", async () => {
  await bench.door("setup", "--answers", writeAnswers(), "--port", String(port));
  const processes = runningOf(readServerRecord(statePaths(bench.state).server));
  const asked = await bench.door("uninstall");
  expect(asked.code).toBe(1);
  expect(asked.stdout).toContain("This goes:\n  /somewhere/.env\nThis stays:\n  the checkout\n");
  expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
  const done = await bench.door("uninstall", "--yes", "--json");
  expect(done.code).toBe(0);
  expect(only(done.stdout)).toMatchObject({ takenBack: ["/somewhere/.env"], left: [] });
  expect(processes.some(stillRuns)).toBe(false);
  expect(existsSync(bench.state)).toBe(false);
});

test("uninstall does not remove what somebody else put into the state folder", async () => {
  mkdirSync(bench.state, { mode: 0o700 });
  writeFileSync(join(bench.state, "diary.txt"), "mine");
  const end = await bench.door("uninstall", "--yes", "--json");
  expect(end.code).toBe(1);
  expect(only(end.stdout)).toMatchObject({ left: [join(bench.state, "diary.txt")] });
  expect(readdirSync(bench.state)).toEqual(["diary.txt"]);
});
