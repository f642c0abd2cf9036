import { createServer } from "node:net";
import { expect, test } from "playwright/test";
import { statePaths } from "../paths.ts";
import { stillRuns } from "../server/state/process-identity.ts";
import { readServerRecord, runningOf } from "../server/state/server-record.ts";
import { doorTests, only } from "./test-doors.ts";

const on = doorTests(24000);

test("setup prints a link whose code works once, Enter makes another, Ctrl-C before installed ends the page in under two seconds", async () => {
  const setup = on.bench.begin("setup", "--port", String(on.port));
  const codes = () =>
    [...setup.output().matchAll(new RegExp(`http://localhost:${on.port}/#code=([\\w-]{22})\\n`, "g"))].map(
      (match) => match[1],
    );
  await expect.poll(codes, { timeout: 15_000 }).toHaveLength(1);
  setup.child.stdin.write("\n");
  await expect.poll(codes).toHaveLength(2);
  const exchange = (code: string | undefined) =>
    fetch(`http://localhost:${on.port}/api/session`, {
      method: "POST",
      headers: { Origin: `http://localhost:${on.port}` },
      body: JSON.stringify({ code }),
    });
  expect((await exchange(codes()[0])).status).toBe(200);
  expect((await exchange(codes()[0])).status).toBe(401);
  expect((await exchange(codes()[1])).status).toBe(200);
  const processes = runningOf(readServerRecord(statePaths(on.bench.state).server));
  const began = Date.now();
  setup.child.kill("SIGINT");
  setup.child.kill("SIGINT");
  expect((await setup.ended).code).toBe(0);
  expect(Date.now() - began).toBeLessThan(2_000);
  expect(processes.some(stillRuns)).toBe(false);
});

test("Ctrl-C after installed leaves the page on, and so does a closed terminal before it", async () => {
  const closed = on.bench.begin("setup", "--port", String(on.port));
  await expect.poll(() => closed.output(), { timeout: 15_000 }).toContain("#code=");
  closed.child.kill("SIGHUP");
  await closed.ended;
  expect((await fetch(`http://localhost:${on.port}/`)).status).toBe(200);
  expect((await on.bench.door("setup", "--answers", on.writeAnswers())).code).toBe(0);
  const setup = on.bench.begin("setup");
  await expect.poll(() => setup.output(), { timeout: 15_000 }).toContain("REC.IO is installed.");
  setup.child.kill("SIGINT");
  expect((await setup.ended).stdout).toContain("The page stays on.");
  expect((await fetch(`http://localhost:${on.port}/`)).status).toBe(200);
});

test("what breaks after an installation does not make Ctrl-C end its page", async () => {
  const person = { userId: "broken", fullName: "Eva", email: "eva@example.com" };
  const install = on.bench.begin("setup", "--answers", on.writeAnswers({ person }), "--port", String(on.port));
  await expect.poll(() => install.output(), { timeout: 15_000 }).toContain("done        Write the configuration");
  install.child.kill("SIGINT");
  expect((await install.ended).stdout).toContain("The page stays on.");
  expect((await fetch(`http://localhost:${on.port}/`)).status).toBe(200);
});

test("a taken port names the program that holds it and says with which command another is taken", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(on.port, "::1", resolve));
  const end = await on.bench.door("start", "--port", String(on.port), "--json");
  expect(end.code).toBe(1);
  const { problem } = only(end.stdout) as { problem: { code: string; says: string; remedy: { says: string } } };
  expect(problem.code).toBe("server.port-taken");
  expect(problem.says).toMatch(new RegExp(`^Port ${on.port} is taken by .+ \\(process ${process.pid}\\)\\.$`));
  const offered = Number(/npm run start -- --port (\d+)$/.exec(problem.remedy.says)?.[1]);
  await new Promise((resolve) => other.close(resolve));
  expect(only((await on.bench.door("start", "--port", String(offered), "--json")).stdout)).toMatchObject({
    port: offered,
  });
});

test("at a terminal a taken port is asked about, and Enter and Ctrl-C do what they say", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(on.port, "0.0.0.0", resolve));
  const setup = on.bench.beginAtTerminal("setup", "--no-open", "--port", String(on.port));
  await expect.poll(() => setup.output(), { timeout: 15_000 }).toContain("instead? [Y/n]");
  expect(setup.output()).toMatch(new RegExp(`Port ${on.port} is taken by .+ \\(process ${process.pid}\\)\\.`));
  setup.child.stdin.write("\r");
  const links = () => setup.output().match(/#code=[\w-]{22}/g) ?? [];
  await expect.poll(() => setup.output(), { timeout: 15_000 }).toContain("Ctrl-C ends the page.");
  expect(links()).toHaveLength(1);
  setup.child.stdin.write("\r");
  await expect.poll(links).toHaveLength(2);
  setup.child.stdin.write("\x03");
  expect(await setup.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("The page is off.") });
  expect(runningOf(readServerRecord(statePaths(on.bench.state).server))).toEqual([]);
  await new Promise((resolve) => other.close(resolve));
});
