import { execFileSync, spawn } from "node:child_process";
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { ask } from "../engine/ask.ts";
import { serviceLogProbes } from "../health/probes/services/services-logs.ts";
import { writeSupervisorConfiguration } from "../install/steps/write-supervisor-configuration.ts";
import { smallDisk } from "../machine/test-disk.ts";
import { isProblem } from "../problem.ts";
import { environmentOfPrograms } from "./desired-configuration.ts";
import { hasSupervisord, livingProgram, program, type TestRoom, testRoom } from "./test-room.ts";

test.skip(!hasSupervisord, "supervisord is not on this machine");

let room: TestRoom;
test.afterEach(async () => room?.leave());

async function begin(options: Parameters<typeof testRoom>[0] = {}) {
  room = testRoom(options);
  return room;
}

const write = () => writeSupervisorConfiguration().run(room.world, room.job as never);

async function problemOf(work: Promise<unknown>) {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isProblem(thrown)) throw new Error(`no Problem: ${String(thrown)}`);
  return thrown;
}

test("a program runs in a checkout whose path holds blanks, quotes and signs, with exactly the environment that was meant", async () => {
  await begin({
    checkoutName: `REC "IO" 50% o'copy, x;y=z`,
    target: { database: `rec-live "2" 'x`, appUser: "rec.app; #1" },
  });
  room.file(
    "backend/dump.py",
    "import json, os, sys, time\nprint(json.dumps([dict(os.environ), sys.argv, os.getcwd()]), flush=True)\ntime.sleep(600)\n",
  );
  room.programs.push(program("dump", "dump.py", { args: ["con tinuous", "1"] }));
  await write();
  const { supervisor, checkout } = room.world;
  await supervisor.startDaemon();
  await supervisor.start("dump");
  await expect.poll(async () => (await supervisor.tail("dump", "out", 1))[0] ?? "").toContain("[{");
  const out = readFileSync(join(room.paths.programLogs, "dump.out.log"), "utf8").trim().split("\n").at(-1) ?? "";
  const [environment, argv, cwd] = JSON.parse(out) as [Record<string, string>, string[], string];
  expect(environment).toMatchObject(await environmentOfPrograms(room.world));
  expect(environment).toMatchObject({
    PYTHONPATH: `${room.paths.hook}:${checkout.root}`,
    REC_DB_NAME: `rec-live "2" 'x`,
  });
  expect(Object.keys(environment).filter((name) => /PASS(WORD)?$/.test(name))).toEqual([]);
  expect(argv).toEqual([checkout.at("backend/dump.py"), "con tinuous", "1"]);
  expect(cwd).toBe(checkout.root);
  const [one] = await supervisor.programs();
  expect(one).toMatchObject({ name: "dump", state: "RUNNING" });
});

test("supervisord is a daemon of its own: no network port, a socket and files for this user alone", async () => {
  await begin();
  room.file("backend/live.py", livingProgram);
  room.programs.push(program("live", "live.py"));
  await write();
  const { supervisor, machine } = room.world;
  expect(await supervisor.daemon()).toBeUndefined();
  await supervisor.startDaemon();
  const pid = await supervisor.daemon();
  expect(pid).toBeGreaterThan(1);
  await supervisor.startDaemon();
  expect(await supervisor.daemon()).toBe(pid);
  expect((await supervisor.programs()).map(({ state }) => state)).toEqual(["STOPPED"]);
  for (const place of [
    room.paths.supervisorSocket,
    room.paths.supervisorConf,
    room.paths.supervisorLog,
    room.paths.supervisorPid,
  ]) {
    expect(statSync(place).mode & 0o077, place).toBe(0);
  }
  expect((await machine.listeners()).filter((holder) => holder.pid === pid)).toEqual([]);
  const [group] = execFileSync("ps", ["-o", "sid=", "-p", String(pid)], { encoding: "utf8" })
    .trim()
    .split("\n");
  expect(Number(group)).not.toBe(process.pid);
  await supervisor.shutdown();
  expect(await supervisor.daemon()).toBeUndefined();
  expect(await machine.alive(pid ?? 0)).toBe(false);
});

test("a program that cannot live is a Problem with its exit status and its last lines", async () => {
  await begin();
  room.file("backend/dies.py", "import sys\nsys.exit('the table users.x does not exist')\n");
  room.programs.push(program("dies", "dies.py"));
  await write();
  await room.world.supervisor.startDaemon();
  const problem = await problemOf(room.world.supervisor.start("dies"));
  expect(problem.code).toBe("supervisor.program-does-not-start");
  expect(problem.says).toContain("dies does not start");
  expect(problem.evidence?.cameBack).toContain("exit status 1");
  expect(problem.evidence?.cameBack).toContain("err: the table users.x does not exist");
  const exits = await room.world.supervisor.unexpectedExits(0);
  expect(exits.at(-1)).toMatchObject({ program: "dies", how: "exit status 1", settled: true });
});

test("a program that supervisord does not know, and a supervisord that does not run, are told as such", async () => {
  await begin();
  await write();
  const { supervisor } = room.world;
  expect((await problemOf(supervisor.programs())).code).toBe("supervisor.not-running");
  await supervisor.startDaemon();
  expect((await problemOf(supervisor.start("nobody"))).code).toBe("supervisor.program-unknown");
  expect((await problemOf(supervisor.stop("nobody"))).code).toBe("supervisor.program-unknown");
});

test("a changed configuration is read anew: what went is removed, what changed is stopped, what came is there", async () => {
  await begin();
  room.file("backend/live.py", livingProgram);
  room.programs.push(program("one", "live.py"), program("two", "live.py"));
  await write();
  const { supervisor } = room.world;
  await supervisor.startDaemon();
  await supervisor.start("one");
  await supervisor.start("two");
  room.programs.splice(0, 2, program("two", "live.py"), program("three", "live.py"));
  await write();
  const states = await supervisor.programs();
  expect(states.map(({ name }) => name).sort()).toEqual(["three", "two"]);
});

test("programs that a killed supervisord left behind are ended before another one starts, and no others", async () => {
  await begin();
  room.file("backend/live.py", livingProgram);
  room.programs.push(program("live", "live.py"));
  await write();
  const { supervisor, machine, checkout } = room.world;
  await supervisor.startDaemon();
  await supervisor.start("live");
  const [orphan] = await supervisor.programs();
  const daemon = await supervisor.daemon();
  process.kill(daemon ?? 0, "SIGKILL");
  await expect.poll(() => machine.alive(daemon ?? 0)).toBe(false);
  const stranger = spawn("/usr/bin/python3", [checkout.at("backend/live.py")], { stdio: "ignore", detached: true });
  try {
    expect(await machine.alive(orphan?.pid ?? 0)).toBe(true);
    await supervisor.startDaemon();
    expect(await machine.alive(orphan?.pid ?? 0)).toBe(false);
    expect(await machine.alive(stranger.pid ?? 0)).toBe(true);
    expect((await supervisor.programs())[0]?.state).toBe("STOPPED");
  } finally {
    stranger.kill("SIGKILL");
  }
});

test("a supervisord that lost its socket is replaced and its programs with it", async () => {
  await begin();
  room.file("backend/live.py", livingProgram);
  room.programs.push(program("live", "live.py"));
  await write();
  const { supervisor, machine } = room.world;
  await supervisor.startDaemon();
  await supervisor.start("live");
  const [before] = await supervisor.programs();
  const mute = await supervisor.daemon();
  rmSync(room.paths.supervisorSocket);
  await supervisor.startDaemon();
  expect(await supervisor.daemon()).not.toBe(mute);
  expect(await machine.alive(mute ?? 0)).toBe(false);
  expect(await machine.alive(before?.pid ?? 0)).toBe(false);
});

test("programs go on and are started while the disk of their logs is full, and it is said that nobody knows what they write", async () => {
  await begin();
  room.file("backend/talks.py", "import time\nwhile True: print('x' * 999, flush=True); time.sleep(0.002)\n");
  room.programs.push(program("talks", "talks.py"));
  await write();
  const { supervisor, machine } = room.world;
  const disk = smallDisk("2m", room.paths.programLogs);
  test.skip(disk === undefined, "A file system cannot be mounted here.");
  const [quiet] = serviceLogProbes();
  const finding = async () => (await ask(quiet, room.world, new AbortController().signal)).finding;
  try {
    await supervisor.startDaemon();
    await supervisor.start("talks");
    await expect.poll(finding).toMatchObject({ level: "unknown", says: expect.stringContaining("logs is full") });
    await expect.poll(() => machine.freeBytes(room.paths.programLogs)).toBe(0);
    const before = (await supervisor.programs())[0];
    expect(before?.state).toBe("RUNNING");
    await supervisor.stop("talks");
    await supervisor.start("talks");
    const [after] = await supervisor.programs();
    expect(after?.state).toBe("RUNNING");
    expect(after?.pid).not.toBe(before?.pid);
    await supervisor.stop("talks");
    truncateSync(join(room.paths.programLogs, "talks.out.log"));
    expect((await finding()).level).not.toBe("unknown");
  } finally {
    await supervisor.shutdown();
    disk?.end();
  }
});

test("a supervisord that refuses our configuration says why", async () => {
  await begin();
  await write();
  writeFileSync(room.paths.supervisorConf, "[supervisord]\nlogfile=/nowhere/at/all/x.log\n");
  const problem = await problemOf(room.world.supervisor.startDaemon());
  expect(problem.code).toBe("supervisor.does-not-start");
  expect(problem.evidence?.cameBack).toContain("/nowhere/at/all");
});
