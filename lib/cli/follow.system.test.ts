import { spawnSync } from "node:child_process";
import { expect, test } from "playwright/test";
import { statePaths } from "../paths.ts";
import { readServerRecord } from "../server/state/server-record.ts";
import { doorTests } from "./test-doors.ts";

const on = doorTests(24500);

/** How many connections wait at a unix socket until its server takes them. */
function waitingAt(socket: string): number {
  const { stdout } = spawnSync("ss", ["-xlH"], { encoding: "utf8" });
  const line = stdout.split("\n").find((text) => text.includes(`${socket} `));
  return Number(line?.trim().split(/\s+/)[2] ?? 0);
}

test("a server that is killed while the terminal asks it does not end the terminal", async () => {
  test.skip(spawnSync("ss", ["-V"]).status !== 0, "ss is not on this machine");
  const paths = statePaths(on.bench.state);
  const setup = on.bench.begin("setup", "--port", String(on.port));
  const links = () => setup.output().match(/#code=[\w-]{22}/g)?.length ?? 0;
  await expect.poll(links, { timeout: 15_000 }).toBe(1);
  const pid = readServerRecord(paths.server)?.server?.pid as number;
  process.kill(pid, "SIGSTOP");
  await expect.poll(() => waitingAt(paths.controlSocket), { timeout: 10_000 }).toBeGreaterThan(0);
  process.kill(pid, "SIGKILL");
  await expect.poll(() => readServerRecord(paths.server)?.server?.pid, { timeout: 15_000 }).not.toBe(pid);
  await expect
    .poll(
      () =>
        fetch(`http://localhost:${on.port}/`).then(
          (answer) => answer.status,
          () => 0,
        ),
      { timeout: 15_000 },
    )
    .toBe(200);
  setup.child.stdin.write("\n");
  await expect.poll(links, { timeout: 10_000 }).toBe(2);
  expect(setup.child.exitCode).toBe(null);
  setup.child.kill("SIGINT");
  expect((await setup.ended).code).toBe(0);
});
