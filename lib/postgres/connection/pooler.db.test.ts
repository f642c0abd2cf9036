import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { freePort, type TestServer, testPostgres } from "../test-server.ts";
import { inspectServer } from "./inspect-server.ts";
import { connectionTests, problemOf, targetAt } from "./test-connection.ts";

const program = "/usr/sbin/pgbouncer";
const { paths, machine, connected } = connectionTests();

let folder: string;
let child: ChildProcess | undefined;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rec-pooler-"));
});
test.afterEach(async () => {
  if (child && child.exitCode === null) {
    const gone = new Promise((resolve) => child?.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
});

async function untilItListens(port: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const there = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (there) return;
    if (Date.now() > deadline) throw new Error("pgbouncer does not listen");
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** Debian's pgbouncer in transaction mode before a test server. @returns its port. */
async function pooler(server: TestServer, settings: string): Promise<number> {
  const port = await freePort();
  const file = join(folder, "pgbouncer.ini");
  mkdirSync(join(folder, "run"), { mode: 0o777 });
  const lines = [
    "[databases]",
    `* = host=127.0.0.1 port=${server.port} user=postgres password=${server.adminPassword}`,
    "[pgbouncer]",
    `listen_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n${settings}`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o644 });
  // It refuses to run as root, so root runs it in a user namespace in which it is somebody else.
  const root = process.getuid?.() === 0;
  const [command, args] = root
    ? ["unshare", ["--user", "--map-user=nobody", "--map-group=nogroup", "--", program, file]]
    : [program, [file]];
  child = spawn(command as string, args as string[], { stdio: "ignore" });
  await untilItListens(port);
  return port;
}

for (const [what, settings] of [
  ["as Debian sets it up", ""],
  ["that lets our settings pass", "ignore_startup_parameters = statement_timeout,extra_float_digits"],
] as const)
  test(`A pooler ${what} is found out and refused by name`, async () => {
    test.skip(!existsSync(program), "pgbouncer is not installed here");
    const server = await testPostgres();
    const target = targetAt({ port: await pooler(server, settings) });
    const result = await inspectServer(target, {
      machine,
      paths,
      adminPassword: server.adminPassword,
      signal: new AbortController().signal,
      onRung: () => {},
    });
    expect(result).toMatchObject({ accepted: false, problem: { code: "database.pooler-between" } });
    expect(result.problem?.says).toBe(
      `A pooler (such as pgbouncer) answers at 127.0.0.1:${target.port}, not PostgreSQL itself.`,
    );
    if (settings !== "") return;
    const on = connected(target, server.adminPassword);
    expect((await problemOf(on.query("admin", "SELECT 1", [], { database: "postgres" }))).code).toBe(
      "database.pooler-between",
    );
    await on.close();
  });
