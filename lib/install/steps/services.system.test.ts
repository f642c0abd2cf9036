import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import type { Finding, Probe } from "../../engine/probe.ts";
import { listenerProbes } from "../../health/probes/machine/listeners.ts";
import { hangingProbe } from "../../health/probes/services/hanging.ts";
import { serviceProbes } from "../../health/probes/services/services.ts";
import { serviceLogProbes } from "../../health/probes/services/services-logs.ts";
import { supervisorConfigurationProbes, supervisordProbes } from "../../health/probes/services/supervisor.ts";
import { freePort } from "../../postgres/test-server.ts";
import { isProblem } from "../../problem.ts";
import { recioStatus, restartRecio, startRecio, stopRecio, tradesBeforeStop } from "../../supervisor/recio.ts";
import {
  hasSupervisord,
  listeningProgram,
  livingProgram,
  program,
  putHook,
  type TestRoom,
  type TestRoomOptions,
  testRoom,
} from "../../supervisor/test-room.ts";
import { startServices } from "./start-services.ts";
import { startSupervisord } from "./start-supervisord.ts";
import { writeSupervisorConfiguration } from "./write-supervisor-configuration.ts";

test.skip(!hasSupervisord, "supervisord is not on this machine");

let room: TestRoom;
test.afterEach(async () => room?.leave());

async function ask(probe: Probe): Promise<Finding> {
  return probe.judge(await probe.collect(room.world, new AbortController().signal));
}

/** A checkout of three programs: one listens, one only lives, and the monitor. The hook is in its place. */
async function begin(options: TestRoomOptions = {}) {
  room = testRoom(options);
  const port = await freePort();
  room.file("backend/main.py", listeningProgram);
  room.file("backend/worker.py", livingProgram);
  // Under its own name it would be a second REC.IO to an installation that is tested beside this.
  room.file("backend/watcher.py", livingProgram);
  room.programs.push(
    program("system_monitor", "watcher.py"),
    program("main_app", "main.py", { port, args: [String(port)] }),
    program("worker", "worker.py"),
  );
  await putHook(room);
  return { port };
}

const job = () => room.job as never;

async function installed() {
  const receipts = {
    write: await writeSupervisorConfiguration().run(room.world, job()),
    daemon: await startSupervisord().run(room.world, job()),
    services: await startServices(room.answers).run(room.world, job()),
  };
  return receipts;
}

test("the configuration is missing, is written, is told when it changes, and is taken back", async () => {
  await begin();
  const step = writeSupervisorConfiguration();
  const [probe] = supervisorConfigurationProbes();
  expect(await ask(probe)).toMatchObject({ level: "fail", says: "supervisord's configuration is not written." });
  expect((await step.describe(room.world)).map(({ target }) => target)).toContain(room.paths.supervisorConf);
  const mine = room.world.checkout.at("logs", "worker.out.log");
  await room.world.machine.files.makeFolder(room.world.checkout.at("logs"), 0o755);
  writeFileSync(mine, "a log that was there before\n");
  const receipt = await step.run(room.world, job());
  expect(await ask(probe)).toMatchObject({ level: "ok" });
  expect(statSync(room.paths.supervisorConf).mode & 0o777).toBe(0o600);
  expect(readFileSync(mine, "utf8")).toBe("a log that was there before\n");
  expect(
    execFileSync("git", ["-C", room.world.checkout.root, "status", "--porcelain", "logs"], { encoding: "utf8" }),
  ).toBe("");
  room.programs.push(program("new_one", "worker.py"));
  expect(await ask(probe)).toMatchObject({
    level: "fail",
    says: expect.stringContaining("not the one for this checkout"),
  });
  if ("never" in step.undo) throw new Error("it can be taken back");
  await step.undo.takeBack(room.world, receipt, job());
  expect(existsSync(room.paths.supervisor)).toBe(false);
  expect(existsSync(room.world.checkout.at("logs", "main_app.out.log"))).toBe(false);
  expect(existsSync(mine)).toBe(true);
});

test("supervisord does not run, is started, and is taken back", async () => {
  await begin();
  await writeSupervisorConfiguration().run(room.world, job());
  const step = startSupervisord();
  const [probe] = supervisordProbes();
  expect(await ask(probe)).toMatchObject({ level: "fail", says: "supervisord does not run." });
  const receipt = await step.run(room.world, job());
  expect(await ask(probe)).toMatchObject({ level: "ok" });
  if ("never" in step.undo) throw new Error("it can be taken back");
  await step.undo.takeBack(room.world, receipt, job());
  expect(await ask(probe)).toMatchObject({ level: "fail" });
});

test("the services are started in the safe order, the monitor last, and stopped in reverse", async () => {
  const { port } = await begin();
  const step = startServices(room.answers);
  await writeSupervisorConfiguration().run(room.world, job());
  await startSupervisord().run(room.world, job());
  const changing = step.probes.filter(({ id }) => id !== "programs-gone-without");
  for (const probe of changing) expect(await ask(probe), probe.id).toMatchObject({ level: "fail" });
  const receipt = await step.run(room.world, job());
  expect(receipt).toEqual({ started: ["main_app", "worker", "system_monitor"] });
  const findings = await Promise.all(changing.map(ask));
  expect(findings.map(({ says }) => says)).toEqual([
    expect.stringContaining("3 of 3 programs run"),
    expect.stringContaining("Every program that runs is awake"),
    `${port} is bound to loopback.`,
    expect.stringContaining("3 programs carry the hook"),
  ]);
  const without = step.probes.find(({ id }) => id === "programs-gone-without");
  if (!without) throw new Error("without a key one program is left out, and that is said");
  expect(await ask(without)).toMatchObject({ level: "warn", objects: ["kalshi_account_sync"] });
  if ("never" in step.undo) throw new Error("it can be taken back");
  room.job.lines.length = 0;
  await step.undo.takeBack(room.world, receipt, job());
  expect(room.job.lines).toEqual(["system_monitor is stopped.", "worker is stopped.", "main_app is stopped."]);
});

test("a killed and a stopped program are named within five seconds, and their return is seen", async () => {
  await begin();
  await installed();
  const [running] = serviceProbes(room.answers);
  expect(await ask(running)).toMatchObject({ level: "ok" });
  const { supervisor } = room.world;
  const worker = (await supervisor.programs()).find(({ name }) => name === "worker");
  process.kill(worker?.pid ?? 0, "SIGKILL");
  const named = async () => {
    const finding = await ask(running);
    return finding.level !== "ok" && finding.objects?.includes("worker") ? finding.says : "";
  };
  await expect.poll(named, { timeout: 5_000 }).toContain("worker ended");
  expect(await named()).toContain("terminated by SIGKILL");
  await supervisor.stop("main_app");
  expect(await ask(running)).toMatchObject({ level: "fail", says: "main_app is STOPPED.", objects: ["main_app"] });
  await startServices(room.answers).run(room.world, job());
  expect((await ask(running)).level).toBe("warn");
});

test("a program that is there and does nothing is named with the cause, and its remedy starts it anew", async () => {
  await begin();
  await installed();
  const [running] = serviceProbes(room.answers);
  expect(await ask(hangingProbe)).toMatchObject({ level: "ok" });
  const pidOf = async (name: string) =>
    (await room.world.supervisor.programs()).find((one) => one.name === name)?.pid ?? 0;
  const before = { worker: await pidOf("worker"), main: await pidOf("main_app") };
  process.kill(before.worker, "SIGSTOP");
  // supervisord itself goes on calling it RUNNING.
  await expect.poll(async () => (await ask(hangingProbe)).level).toBe("fail");
  expect(await ask(running)).toMatchObject({ level: "ok" });
  expect(await ask(hangingProbe)).toMatchObject({
    level: "fail",
    says: expect.stringMatching(/^worker is halted: somebody stopped its process \d+ with a signal/),
    remedy: { kind: "step", stepId: "start-services" },
    objects: ["worker"],
  });
  await startServices(room.answers).run(room.world, job());
  expect(await ask(hangingProbe)).toMatchObject({ level: "ok" });
  expect(await pidOf("worker")).not.toBe(before.worker);
  expect(await pidOf("main_app")).toBe(before.main);
});

test("a program that takes questions and never answers is named, and its remedy starts it anew", async () => {
  const { port } = await begin();
  room.file(
    "backend/main.py",
    "import socket, sys, time\nlisten = socket.create_server(('127.0.0.1', int(sys.argv[1])))\ntime.sleep(600)\n",
  );
  await installed();
  const up = (await room.world.supervisor.programs()).map((one) => ({ ...one, startedAt: Date.now() - 60_000 }));
  const world = {
    ...room.world,
    supervisor: { ...room.world.supervisor, programs: async () => up },
  } as typeof room.world;
  const seen = await hangingProbe.collect(world, new AbortController().signal);
  expect(hangingProbe.judge(seen)).toMatchObject({
    level: "fail",
    says: `main_app hangs: it takes questions on port ${port} and answers none within 8 s.`,
  });
});

test("a program that keeps ending is named with its exit status and its last line", async () => {
  await begin();
  room.file(
    "backend/worker.py",
    "import sys, time\ntime.sleep(0.2)\nsys.exit('column position_size does not exist')\n",
  );
  await writeSupervisorConfiguration().run(room.world, job());
  const started = await startServices(room.answers)
    .run(room.world, job())
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  if (!isProblem(started)) throw new Error(`no Problem: ${String(started)}`);
  expect(started.evidence?.cameBack).toContain("position_size");
  const monitor = (await room.world.supervisor.programs()).find(({ name }) => name === "system_monitor");
  expect(monitor?.state).toBe("STOPPED");
  const [running] = serviceProbes(room.answers);
  expect(await ask(running)).toMatchObject({
    level: "fail",
    says: expect.stringContaining("worker is FATAL (exit status 1, column position_size does not exist)"),
  });
  const [quiet] = serviceLogProbes();
  room.file("backend/worker.py", "import time\nprint('relation \"x\" does not exist', flush=True)\ntime.sleep(600)\n");
  await startServices(room.answers).run(room.world, job());
  await expect.poll(async () => (await ask(quiet)).says).toContain("worker wrote critical lines since the start");
  expect((await ask(quiet)).level).toBe("warn");
  room.file(
    "backend/worker.py",
    "import sys, time\nwhile True: print('relation \"x\" does not exist', file=sys.stderr, flush=True); time.sleep(0.1)\n",
  );
  await restartRecio(room.world, job(), "worker");
  await expect.poll(async () => (await ask(quiet)).says).toBe('worker goes on writing: relation "x" does not exist');
  room.file("backend/worker.py", livingProgram);
  await restartRecio(room.world, job(), "worker");
  expect(await ask(quiet)).toMatchObject({ level: "ok" });
});

test("a listener that other machines can reach is named, and so is a program without the hook", async () => {
  const { port } = await begin();
  const [listeners] = listenerProbes();
  // Without the hook main_app binds what its source says.
  unlinkSync(join(room.paths.hook, "sitecustomize.py"));
  await installed();
  expect(await ask(listeners)).toMatchObject({
    level: "fail",
    says: `Other machines can reach main_app on 0.0.0.0:${port}.`,
    objects: ["main_app"],
  });
  const live = startServices(room.answers).probes.find(({ id }) => id === "hook-live");
  if (!live) throw new Error("the step asks whether the hook is live");
  expect(await ask(live)).toMatchObject({ level: "fail", says: expect.stringContaining("without the start-up hook") });
});

test("REC.IO is started after a reboot, restarted in part, and stopped, and the monitor never sees a program down", async () => {
  await begin();
  await writeSupervisorConfiguration().run(room.world, job());
  const { supervisor } = room.world;
  const states = async () => Object.fromEntries((await supervisor.programs()).map(({ name, state }) => [name, state]));
  expect((await recioStatus(room.world)).programs.map(({ state }) => state)).toEqual(["STOPPED", "STOPPED", "STOPPED"]);
  await startRecio(room.world, job());
  expect(await states()).toEqual({ main_app: "RUNNING", worker: "RUNNING", system_monitor: "RUNNING" });
  const before = await supervisor.programs();
  await restartRecio(room.world, job(), "worker");
  const after = await supervisor.programs();
  const pid = (list: typeof before, name: string) => list.find((one) => one.name === name)?.pid;
  expect(pid(after, "worker")).not.toBe(pid(before, "worker"));
  expect(pid(after, "system_monitor")).not.toBe(pid(before, "system_monitor"));
  expect(pid(after, "main_app")).toBe(pid(before, "main_app"));
  await stopRecio(room.world, job(), "worker");
  expect(await states()).toEqual({ main_app: "RUNNING", worker: "STOPPED", system_monitor: "STOPPED" });
  await startRecio(room.world, job(), "system_monitor");
  expect(await states()).toEqual({ main_app: "RUNNING", worker: "RUNNING", system_monitor: "RUNNING" });
  await stopRecio(room.world, job());
  expect(new Set(Object.values(await states()))).toEqual(new Set(["STOPPED"]));
  await expect(startRecio(room.world, job(), "nobody")).rejects.toThrow("has no supervised program nobody");
});

test("a port that a stranger holds is named, with the stranger", async () => {
  const { port } = await begin();
  await writeSupervisorConfiguration().run(room.world, job());
  await startSupervisord().run(room.world, job());
  const stranger = createServer().listen(port, "127.0.0.1");
  await once(stranger, "listening");
  try {
    const [listeners] = listenerProbes();
    expect(await ask(listeners)).toMatchObject({
      level: "fail",
      says: expect.stringMatching(new RegExp(`^Port ${port} of main_app is held by .*process ${process.pid}`)),
    });
  } finally {
    stranger.close();
  }
});

test("open trades are listed before a stop", async () => {
  await begin({ query: () => [{ ticker: "KXBTCD-1", side: "N", contracts: 3, status: "active" }] });
  const { trades, says } = await tradesBeforeStop(room.world);
  expect(trades).toHaveLength(1);
  expect(says.join(" ")).toContain("KXBTCD-1 N × 3 (active)");
});
