import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "./local-machine.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "machine-exec-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const machine = () => localMachine({ stateFolder: folder });
const node = process.execPath;
/** A program that prints its own process id and that of a child, then waits for ever. */
const family = `const c = require("child_process").spawn(process.execPath, ["-e", "setInterval(()=>{},1000)"], { stdio: "inherit" });
console.log(process.pid, c.pid); setInterval(()=>{},1000)`;

test("Arguments reach a program as they are: no shell reads them", async () => {
  const odd = ["$HOME", "a b", "'", '"', ";ls", "`id`", "*"];
  const { stdout, code } = await machine().exec(node, ["-p", "JSON.stringify(process.argv.slice(1))", "--", ...odd]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(odd);
});

test("A child sees the allow-list and none of our secrets", async () => {
  process.env.REC_TEST_SECRET = "do-not-tell";
  try {
    const { stdout } = await machine().exec(node, ["-p", "JSON.stringify(process.env)"]);
    expect(stdout).not.toContain("do-not-tell");
    expect(JSON.parse(stdout).PATH).toBe(process.env.PATH);
  } finally {
    delete process.env.REC_TEST_SECRET;
  }
});

test("Input reaches the child and ends there", async () => {
  const { stdout } = await machine().exec("cat", [], { input: "a secret" });
  expect(stdout).toBe("a secret");
});

test("A child that does not read its input is judged by its exit code", async () => {
  const { code } = await machine().exec("false", [], { input: "x".repeat(1_000_000) });
  expect(code).toBe(1);
});

test("Lines come one by one, also across chunks and without a last line end", async () => {
  const lines: string[] = [];
  const script = `process.stdout.write("one\\ntw"); setTimeout(() => process.stdout.write("o\\r\\nthr\\u20acee"), 30); process.stderr.write("err\\n")`;
  await machine().exec(node, ["-e", script], { onLine: (line, from) => lines.push(`${from}:${line}`) });
  expect(lines.sort()).toEqual(["stderr:err", "stdout:one", "stdout:thr€ee", "stdout:two"]);
});

test("A missing program and a missing folder are problems that name them", async () => {
  await expect(machine().exec("no-such-program-here", [])).rejects.toMatchObject({ code: "machine.program-missing" });
  await expect(machine().exec(node, [], { cwd: join(folder, "none") })).rejects.toMatchObject({
    code: "machine.folder-missing",
  });
});

test("After its time a program is stopped together with its children", async () => {
  let pids: number[] = [];
  const onLine = (line: string) => {
    pids = line.split(" ").map(Number);
  };
  const started = Date.now();
  await expect(machine().exec(node, ["-e", family], { timeoutMs: 1500, onLine })).rejects.toMatchObject({
    code: "machine.program-too-slow",
  });
  expect(Date.now() - started).toBeLessThan(10_000);
  expect(pids).toHaveLength(2);
  await expect.poll(() => Promise.all(pids.map((pid) => machine().alive(pid)))).toEqual([false, false]);
});

test("An aborted program is stopped and gives the reason of the abort", async () => {
  const control = new AbortController();
  const onLine = () => control.abort(new Error("the person said stop"));
  await expect(machine().exec(node, ["-e", family], { signal: control.signal, onLine })).rejects.toThrow(
    "the person said stop",
  );
  await expect(machine().exec(node, ["-v"], { signal: control.signal })).rejects.toThrow("the person said stop");
});

test("A daemon that keeps the streams does not keep us waiting", async () => {
  const script = `const c = require("child_process").spawn(process.execPath, ["-e", "setTimeout(()=>{},20000)"], { stdio: "inherit", detached: true });
  c.unref(); console.log(c.pid)`;
  const started = Date.now();
  const { stdout } = await machine().exec(node, ["-e", script]);
  expect(Date.now() - started).toBeLessThan(10_000);
  await machine().end(Number(stdout), 2000);
});

test("A detached program writes its log, 0600, and is ended with its group", async () => {
  const logFile = join(folder, "family.log");
  const pid = await machine().startDetached(node, ["-e", family], { logFile });
  await expect.poll(() => readFileSync(logFile, "utf8")).toMatch(/^\d+ \d+\n$/);
  expect(statSync(logFile).mode & 0o777).toBe(0o600);
  const pids = readFileSync(logFile, "utf8").trim().split(" ").map(Number);
  expect(pids[0]).toBe(pid);
  expect(await machine().alive(pid)).toBe(true);
  await machine().end(pid, 5000);
  expect(await Promise.all(pids.map((one) => machine().alive(one)))).toEqual([false, false]);
});

test("A program that ignores TERM is killed when patience is over", async () => {
  const logFile = join(folder, "stubborn.log");
  const script = `process.on("SIGTERM", () => {}); console.log("up"); setInterval(()=>{},1000)`;
  const pid = await machine().startDetached(node, ["-e", script], { logFile });
  await expect.poll(() => readFileSync(logFile, "utf8")).toBe("up\n");
  const started = Date.now();
  await machine().end(pid, 300);
  expect(Date.now() - started).toBeGreaterThanOrEqual(300);
  expect(await machine().alive(pid)).toBe(false);
});

test("A listener is found with its address, process and program", async () => {
  const servers = await Promise.all(
    ["127.0.0.1", "::"].map(
      (host) =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, host, () => resolve(server));
        }),
    ),
  );
  try {
    const ports = servers.map((server) => (server.address() as { port: number }).port);
    const found = (await machine().listeners()).filter(({ port }) => ports.includes(port));
    expect(found.map(({ address }) => address).sort()).toEqual(["127.0.0.1", "::"]);
    for (const holder of found) expect(holder).toMatchObject({ pid: process.pid, program: expect.stringMatching(/./) });
  } finally {
    for (const server of servers) server.close();
  }
});

test("A process is found with its arguments and its folder", async () => {
  const logFile = join(folder, "sleep.log");
  const pid = await machine().startDetached("sleep", ["61.25"], { logFile, cwd: folder });
  try {
    const found = (await machine().processes()).find((one) => one.pid === pid);
    expect(found).toMatchObject({ args: [expect.stringContaining("sleep"), "61.25"], folder });
  } finally {
    await machine().end(pid, 2000);
  }
});

test("The facts of this machine are plausible and free space is found for a folder that is not there yet", async () => {
  const facts = await machine().facts();
  expect(facts.memoryBytes).toBeGreaterThan(100 * 1024 * 1024);
  expect(facts.memoryFreeBytes).toBeLessThanOrEqual(facts.memoryBytes);
  expect(facts.cores).toBeGreaterThanOrEqual(1);
  expect(facts.system).not.toBe("");
  expect(await machine().freeBytes(join(folder, "not", "yet"))).toBeGreaterThan(0);
});

test("Root can run a program as another user", async () => {
  test.skip(process.getuid?.() !== 0, "only root can become another user");
  const { stdout } = await machine().exec("id", ["-u"], { as: { uid: 65_534, gid: 65_534 } });
  expect(stdout.trim()).toBe("65534");
});
