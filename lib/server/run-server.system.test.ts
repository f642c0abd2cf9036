import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { statePaths } from "../paths.ts";
import { askServer } from "./control/control-client.ts";
import { serveControl } from "./control/control-server.ts";
import { buildFixture, type DoorBench, openBench, removeFixture } from "./fixture/fixture-build.ts";
import { freePortAbove } from "./port-choice.ts";
import { stillRuns } from "./state/process-identity.ts";
import { readServerRecord, runningOf } from "./state/server-record.ts";

let buildFolder: string;
let bench: DoorBench;
let port: number;

test.beforeAll(async () => {
  buildFolder = await buildFixture();
});
test.afterAll(() => removeFixture());
test.beforeEach(async () => {
  bench = openBench(buildFolder);
  port = (await freePortAbove(22_000 + test.info().workerIndex * 100)) as number;
  expect(await bench.door("start", "--port", String(port), "--json")).toMatchObject({ code: 0 });
});
test.afterEach(() => bench.close());

const page = () => fetch(`http://localhost:${port}/`).then((answer) => answer.text());
const record = () => readServerRecord(statePaths(bench.state).server);

test("the server and its keeper are detached and outlive the door that started them", async () => {
  expect(await page()).toBe("the page of the fixture");
  const server = record()?.server?.pid as number;
  const fields = readFileSync(`/proc/${server}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  const [group, session] = fields.slice(2, 4);
  expect(group).toBe(String(record()?.keeper?.pid));
  expect(session).toBe(String(record()?.keeper?.pid));
});

test("everything in the state folder is private, and the socket answers the same user only", async () => {
  const paths = statePaths(bench.state);
  expect(statSync(paths.state).mode & 0o777).toBe(0o700);
  for (const file of [paths.controlSocket, paths.server, paths.lock, paths.serverLog, paths.session])
    expect(statSync(file).mode & 0o777, file).toBe(0o600);
});

test("a second server of the same state does not come up beside the first", async () => {
  const again = await bench.door("start", "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ port, pid: record()?.server?.pid });
});

test("a server that is killed is started again by its keeper, and a code that was minted before still lets in", async () => {
  const before = record();
  const minted = await askServer(statePaths(bench.state).controlSocket, "mint-code", {});
  process.kill(before?.server?.pid as number, "SIGKILL");
  await expect.poll(() => page().catch(() => ""), { timeout: 15_000 }).toBe("the page of the fixture");
  const after = record();
  expect(after?.server?.pid).not.toBe(before?.server?.pid);
  expect(after?.keeper).toEqual(before?.keeper);
  const headers = { Origin: `http://localhost:${port}` };
  const exchanged = await fetch(`http://localhost:${port}/api/session`, {
    method: "POST",
    headers,
    body: JSON.stringify({ code: minted?.code }),
  });
  expect(exchanged.status).toBe(200);
  expect(readFileSync(statePaths(bench.state).serverLog, "utf8")).toContain(
    "keeper: the server ended with 137 and starts again in 1 s",
  );
});

for (const afterMs of [0, 800, 1_000, 1_200]) {
  test(`a door that starts the page ${afterMs} ms after a crash ends with one server and one keeper`, async () => {
    const crashed = record();
    process.kill(crashed?.server?.pid as number, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const started = await bench.door("start", "--json");
    expect(JSON.parse(started.stdout)).toMatchObject({ port });
    expect(await page()).toBe("the page of the fixture");
    expect(runningOf(record())).toHaveLength(2);
    // The keeper of the crash either holds the server that answers, or is gone.
    const kept = record()?.keeper?.pid === crashed?.keeper?.pid;
    await expect.poll(() => crashed?.keeper && stillRuns(crashed.keeper), { timeout: 5_000 }).toBe(kept);
    const [, ...others] = [record()?.server?.pid, ...readdirSync("/proc").filter(isServerOfBench)];
    expect(others.map(Number)).toEqual([record()?.server?.pid]);
  });
}

/** True for a process that is a server of this test's state folder; its keeper has the same words behind its own. */
function isServerOfBench(pid: string): boolean {
  if (!/^\d+$/.test(pid)) return false;
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return (
      words.some((word) => word.endsWith("/server.cjs")) &&
      !/sh$/.test(words[0] ?? "") &&
      words.includes(`--state=${bench.state}`)
    );
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

test("SIGTERM ends a server with an open stream in under two seconds, and its keeper with it", async () => {
  const stream = connect(port, "127.0.0.1");
  stream.write(`GET /stream HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
  await once(stream, "data");
  stream.resume().on("error", () => {});
  const processes = runningOf(record());
  expect(processes).toHaveLength(2);
  const began = Date.now();
  process.kill(record()?.server?.pid as number, "SIGTERM");
  await expect.poll(() => processes.some(stillRuns), { timeout: 5_000, intervals: [20] }).toBe(false);
  expect(Date.now() - began).toBeLessThan(2_000);
  expect(record()).toEqual({ port });
  expect(await askServer(statePaths(bench.state).controlSocket, "status", {})).toBeUndefined();
});

test("SIGTERM to the keeper ends both", async () => {
  const processes = runningOf(record());
  process.kill(record()?.keeper?.pid as number, "SIGTERM");
  await expect.poll(() => processes.some(stillRuns), { timeout: 5_000, intervals: [20] }).toBe(false);
});

test("a closed terminal ends neither", async () => {
  const processes = runningOf(record());
  for (const { pid } of processes) process.kill(pid, "SIGHUP");
  expect(await page()).toBe("the page of the fixture");
  expect(processes.every(stillRuns)).toBe(true);
});

test("the remembered port is used again", async () => {
  await bench.door("stop");
  const again = await bench.door("start", "--json");
  expect(JSON.parse(again.stdout).port).toBe(port);
});

test("the control socket refuses what it does not know, in one sentence", async () => {
  const { controlSocket } = statePaths(bench.state);
  await expect(askServer(controlSocket, "dance" as "status", {})).rejects.toThrow(
    'The running server does not know "dance".',
  );
  await expect(askServer(controlSocket, "recio", { action: "explode" } as never)).rejects.toMatchObject({
    code: "control.not-understood",
  });
  await expect(
    askServer(controlSocket, "recio", { action: "start", program: "no_such_program" }),
  ).rejects.toMatchObject({ code: "recio.unknown-program" });
});

test("the socket of a dead server is taken over", async () => {
  const { keeper, server } = record() ?? {};
  process.kill(keeper?.pid as number, "SIGKILL");
  process.kill(server?.pid as number, "SIGKILL");
  await expect.poll(() => server && stillRuns(server)).toBe(false);
  expect(await bench.door("start", "--json")).toMatchObject({ code: 0 });
  expect(await page()).toBe("the page of the fixture");
});

test("a state folder whose path is too long for a socket is refused in one sentence", async () => {
  const path = join(bench.folder, "x".repeat(100), "control.sock");
  await expect(
    serveControl(
      path,
      () => new Promise(() => {}),
      { status: () => new Promise(() => {}), mintCode: () => ({ code: "", expiresAt: 0 }), shutdown() {} },
      () => {},
    ),
  ).rejects.toMatchObject({
    code: "state.path-too-long",
  });
});
