import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "playwright/test";
import { listListeners } from "./listeners.ts";

const noProgram = async () => {
  throw new Error("Linux asks no program");
};
const holderOf = async (port: number) => (await listListeners(noProgram)).find((one) => one.port === port);

test.skip(process.platform !== "linux", "other systems ask lsof, which remembers nothing");

/** A process that listens on the port (0: any) and tells which one it got. */
async function listener(port: number): Promise<{ child: ChildProcess; port: number }> {
  const script = `require("net").createServer().listen(${port}, "127.0.0.1", function () { process.stdout.write(String(this.address().port)) })`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout as NodeJS.ReadableStream, "data");
  return { child, port: Number(String(line)) };
}

async function end(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("another process on the same port is seen at once, although the last look is remembered", async () => {
  const first = await listener(0);
  expect(await holderOf(first.port)).toMatchObject({ pid: first.child.pid, address: "127.0.0.1" });
  expect(await holderOf(first.port)).toMatchObject({ pid: first.child.pid });
  await end(first.child);
  expect(await holderOf(first.port)).toBeUndefined();
  const second = await listener(first.port);
  expect(await holderOf(first.port)).toMatchObject({ pid: second.child.pid });
  await end(second.child);
});

test("a socket that lives on in a child after its first holder has gone is given to the child", async () => {
  // The parent listens, hands the socket to a child that only waits, and is gone.
  const script =
    'const s = require("net").createServer().listen(0, "127.0.0.1", () => { const c = require("child_process").spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", s._handle.fd], detached: true }); console.log(JSON.stringify([s.address().port, c.pid])); c.unref(); })';
  const parent = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout as NodeJS.ReadableStream, "data");
  const [port, child] = JSON.parse(String(line)) as [number, number];
  try {
    expect((await holderOf(port))?.pid).toBeDefined();
    await end(parent);
    expect(await holderOf(port)).toMatchObject({ pid: child, program: "sleep" });
  } finally {
    process.kill(child, "SIGKILL");
  }
});

test("this process's own listener carries its number", async () => {
  const own = createServer();
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  const { port } = own.address() as { port: number };
  expect(await holderOf(port)).toMatchObject({ pid: process.pid });
  await new Promise((resolve) => own.close(resolve));
});

test("listeners of both families are all found beside a crowd of connections", async () => {
  // More of IPv6 than are read at once.
  const hosts = ["127.0.0.1", "::1", "127.0.0.2", "::", ...Array.from({ length: 40 }, () => "::1")];
  const crowded = 4;
  const servers = hosts.map(() => createServer());
  const ports: number[] = [];
  const crowd: Socket[] = [];
  try {
    for (const [index, server] of servers.entries()) {
      await new Promise<void>((resolve) => server.listen(0, hosts[index], resolve));
      const { port } = server.address() as { port: number };
      ports.push(port);
      for (let one = 0; index < crowded && one < 25; one += 1) {
        const socket = connect(port, hosts[index] === "::" ? "::1" : hosts[index]);
        crowd.push(socket);
        await once(socket, "connect");
      }
    }
    const found = await listListeners(noProgram);
    // The kernel may give the same number to two of them, each on an address of its own.
    for (const [index, port] of ports.entries())
      expect(found.filter((one) => one.port === port && one.address === hosts[index])).toMatchObject([
        { pid: process.pid },
      ]);
  } finally {
    for (const socket of crowd) socket.destroy();
    for (const server of servers) await new Promise((resolve) => server.close(resolve));
  }
});
