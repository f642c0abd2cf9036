import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "playwright/test";
import { statePaths } from "../paths.ts";
import { testAnswers } from "../postgres/test-installation.ts";
import { hasPostgres, type TestServer, testPostgres } from "../postgres/test-server.ts";
import type { Runtime } from "../runtime.ts";
import { readSettings } from "../settings.ts";
import { createRuntime } from "./create.ts";

// A server that is not ours, as the health page finds it: its administrator's password was forgotten after the installation.
test.skip(!hasPostgres(15), "PostgreSQL 15 is not installed here");

let server: TestServer;
let state: string;
let runtime: Runtime;

test.beforeAll(async () => {
  server = await testPostgres({ major: 15, own: true });
});
test.afterAll(() => server.stop());
test.beforeEach(async () => {
  state = join(mkdtempSync(join(tmpdir(), "rec-repair-")), "state");
  mkdirSync(state, { mode: 0o700 });
  const paths = statePaths(state);
  writeFileSync(paths.installation, JSON.stringify(testAnswers(server, "rec_io_db")), { mode: 0o600 });
  const settings = readSettings({ HOME: dirname(state), PATH: process.env.PATH, REC_SETUP_STATE: state });
  runtime = await createRuntime({ settings, paths, kind: "real", version: "0.0.0-test" });
});
test.afterEach(async () => {
  await runtime.shutdown();
  rmSync(dirname(state), { recursive: true, force: true });
});

const step = "create-database-roles";

/** Runs a repair to its end; how it ended. */
async function repaired(stepId: string, databaseAdminPassword: string): Promise<string | undefined> {
  const plan = await runtime.describeRepair(stepId, { databaseAdminPassword });
  const { runId } = await runtime.repair(stepId, plan.hash, { databaseAdminPassword });
  await expect
    .poll(async () => (await runtime.runState(runId))?.status, { timeout: 30_000 })
    .not.toMatch(/unborn|running/);
  return (await runtime.runState(runId))?.status;
}

/** The text of every file of the state. */
function everything(): string {
  return readdirSync(state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

test("a repair of the roles asks for the administrator's password, and a wrong one is told before anything is changed", async () => {
  const without = await runtime.describeRepair(step);
  expect(without.blockers).toMatchObject([{ entryId: step, code: "database.password-missing" }]);
  const wrong = await runtime.describeRepair(step, { databaseAdminPassword: "not it" });
  expect(wrong.blockers).toMatchObject([{ entryId: step, code: "database.password-wrong" }]);
  expect(runtime.heldSecrets()).toEqual({});
  expect(await runtime.runs()).toEqual([]);
});

test("with the password it is mended, and the password is in no file and no longer held", async () => {
  const password = server.adminPassword;
  expect(await repaired(step, password)).toBe("done");
  expect(await repaired("create-database", password)).toBe("done");
  // Somebody gives REC.IO's role another password behind our back.
  const admin = await (await server.database()).connect();
  await admin.query("ALTER ROLE rec_io_user PASSWORD 'changed by somebody'");
  await admin.end();
  expect(await repaired(step, password)).toBe("done");
  const now = await runtime.describeRepair(step);
  expect(now).toMatchObject({ blockers: [], entries: [{ id: step, changes: [] }] });
  await expect.poll(() => runtime.heldSecrets()).toEqual({});
  expect(everything()).toContain("entry.done");
  expect(everything()).not.toContain(password);
  // Nothing that was logged in as the administrator is left to do the next thing without being asked.
  const logins = await (await server.database()).query<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'postgres' AND application_name LIKE 'rec%' AND backend_type = 'client backend'",
  );
  expect(logins).toEqual([{ n: 0 }]);
  const again = await runtime.describeRepair("create-database");
  expect(again.blockers).toEqual([]);
});
