import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { statePaths } from "../paths.ts";
import { stillRuns } from "../server/state/process-identity.ts";
import { readServerRecord, runningOf } from "../server/state/server-record.ts";
import { doorTests, only } from "./test-doors.ts";

const on = doorTests(25000);

test("uninstall lists, wants a yes, takes back, and leaves no file and no process", async () => {
  await on.bench.door("setup", "--answers", on.writeAnswers(), "--port", String(on.port));
  const processes = runningOf(readServerRecord(statePaths(on.bench.state).server));
  const asked = await on.bench.door("uninstall");
  expect(asked.code).toBe(1);
  expect(asked.stdout).toContain("This goes:\n  /somewhere/.env\nThis stays:\n  the checkout\n");
  expect((await fetch(`http://localhost:${on.port}/`)).status).toBe(200);
  const done = await on.bench.door("uninstall", "--yes", "--json");
  expect(done.code).toBe(0);
  expect(only(done.stdout)).toMatchObject({ takenBack: ["/somewhere/.env"], left: [] });
  expect(processes.some(stillRuns)).toBe(false);
  expect(existsSync(on.bench.state)).toBe(false);
});

test("uninstall does not remove what somebody else put into the state folder", async () => {
  mkdirSync(on.bench.state, { mode: 0o700 });
  writeFileSync(join(on.bench.state, "diary.txt"), "mine");
  const end = await on.bench.door("uninstall", "--yes", "--json");
  expect(end.code).toBe(1);
  expect(only(end.stdout)).toMatchObject({ left: [join(on.bench.state, "diary.txt")] });
  expect(readdirSync(on.bench.state)).toEqual(["diary.txt"]);
});
