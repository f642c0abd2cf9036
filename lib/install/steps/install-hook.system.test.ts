import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { hookFiles } from "../../checkout/hook/hook-files.ts";
import { hasPythonPackages } from "../../checkout/hook/test-hook.ts";
import type { Finding, Probe } from "../../engine/probe.ts";
import { hookProbes } from "../../health/probes/services/hook.ts";
import { type TestServer, testPostgres } from "../../postgres/test-server.ts";
import { hasSupervisord, type TestRoom, testRoom } from "../../supervisor/test-room.ts";
import { installHook } from "./install-hook.ts";

test.skip(
  !hasPythonPackages || !hasSupervisord,
  "the Python packages of REC.IO or supervisord are not on this machine",
);

let server: TestServer;
let room: TestRoom;

test.beforeAll(async () => {
  server = await testPostgres({ own: true });
});
test.afterAll(async () => server?.stop());
test.afterEach(async () => room?.leave());

async function ask(probe: Probe): Promise<Finding> {
  return probe.judge(await probe.collect(room.world, new AbortController().signal));
}
const levels = async () => Promise.all(hookProbes(room.answers).map(async (probe) => (await ask(probe)).level));

async function begin() {
  const database = await server.database();
  await database.query(`CREATE ROLE "${database.name}" LOGIN PASSWORD 'not used'`);
  const { port } = server;
  room = testRoom({ checkoutName: 'REC\'s "IO"', target: { port, database: database.name, appUser: database.name } });
  room.file("backend/__init__.py", "");
  room.file("backend/util/__init__.py", "");
  room.file(
    "backend/util/paths.py",
    "def get_supervisor_config_path(): return ''\ndef get_supervisorctl_path(): return ''\n",
  );
  room.file("backend/account_mode.py", "def get_account_mode(): return 'prod'\ndef set_account_mode(mode): pass\n");
  return { step: installHook(room.answers), job: room.job as never };
}

test("the hook is missing, is installed for this user alone, takes in the interpreter, and is taken back", async () => {
  const { step, job } = await begin();
  expect(await levels()).toEqual(["fail", "fail", "fail"]);
  const receipt = await step.run(room.world, job);
  for (const probe of step.probes) expect(await ask(probe), probe.id).toMatchObject({ level: "ok" });
  for (const place of ["", "rec_hook", "sitecustomize.py", "settings.json"]) {
    expect(statSync(join(room.paths.hook, place)).mode & 0o077, place).toBe(0);
  }
  const record = JSON.parse(readFileSync(room.paths.hookSettings, "utf8")) as { shims: string[]; accountMode: string };
  expect(record.accountMode).toBe("demo");
  expect(JSON.stringify(await step.describe(room.world))).toContain(room.paths.accountMode);
  if ("never" in step.undo) throw new Error("it can be taken back");
  await step.undo.takeBack(room.world, receipt, job);
  expect(existsSync(room.paths.hook)).toBe(false);
  expect(existsSync(room.paths.askedHosts)).toBe(false);
});

test("a file that was changed, and one that others may read, are named", async () => {
  const { step, job } = await begin();
  await step.run(room.world, job);
  const [files] = step.probes;
  writeFileSync(join(room.paths.hook, "rec_hook/order_gate.py"), "def guard_session(module): pass\n");
  expect(await ask(files)).toMatchObject({ level: "fail", says: expect.stringContaining("rec_hook/order_gate.py") });
  await step.run(room.world, job);
  await room.world.machine.files.setMode(join(room.paths.hook, "check.py"), 0o644);
  expect(await ask(files)).toMatchObject({
    level: "fail",
    says: expect.stringContaining("check.py of the start-up hook is open"),
  });
});

test("a shim that is needed and not in use is found by the self-test", async () => {
  const { step, job } = await begin();
  await step.run(room.world, job);
  const record = JSON.parse(readFileSync(room.paths.hookSettings, "utf8")) as { shims: string[] };
  test.skip(record.shims.length === 0, "this machine's packages need no shim");
  writeFileSync(room.paths.hookSettings, JSON.stringify({ shims: [], accountMode: "demo" }));
  const selfTest = step.probes.find(({ id }) => id === "hook-self-test");
  if (!selfTest) throw new Error("the step has a self-test");
  expect(await ask(selfTest)).toMatchObject({ level: "fail", says: expect.stringContaining("The hook does not take") });
});

test("an account mode that was switched in REC.IO is told, and a lost one is a fault", async () => {
  const { step, job } = await begin();
  await step.run(room.world, job);
  const mode = step.probes.find(({ id }) => id === "account-mode");
  if (!mode) throw new Error("the step asks for the account mode");
  writeFileSync(room.paths.accountMode, '{"mode":"prod"}');
  expect(await ask(mode)).toMatchObject({
    level: "warn",
    says: expect.stringContaining("switched to production (real money)"),
  });
  writeFileSync(room.paths.accountMode, "{");
  expect(await ask(mode)).toMatchObject({ level: "fail" });
});

test("every file of the hook is shipped, and no other", () => {
  const folder = join(process.cwd(), "lib/checkout/hook");
  const found = ["", "rec_hook"].flatMap((place) =>
    readdirSync(join(folder, place))
      .filter((name) => name.endsWith(".py"))
      .map((name) => join(place, name)),
  );
  expect(found.sort()).toEqual([...hookFiles].sort());
});
