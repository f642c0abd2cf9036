import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Checkout } from "../checkout/checkout.ts";
import { type Answers, answers as answersSchema } from "../install/answers.ts";
import type { Kalshi } from "../kalshi/kalshi.ts";
import { localMachine } from "../machine/local-machine.ts";
import { statePaths } from "../paths.ts";
import { installLock } from "../postgres/order-lock.ts";
import { postgres } from "../postgres/pool.ts";
import { seeds } from "../postgres/seed-rows.ts";
import { sqlFile } from "../postgres/sql-file.ts";
import { type TestDatabase, testPostgres } from "../postgres/test-server.ts";
import { readSettings } from "../settings.ts";
import type { ProgramState, Supervisor } from "../supervisor/supervisor.ts";
import type { World } from "../world.ts";

/** One answer of a stand-in program: a status, and a body that is sent as JSON unless it is text. */
export interface Told {
  status?: number;
  body: unknown;
  type?: string;
}

export type Teller = (asked: {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  host: string;
}) => Told | Promise<Told>;

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
}

/** A small program on loopback that answers what the test says, honest or not. */
export async function standInProgram(tell: Teller): Promise<{ url: string; server: Server; end(): Promise<void> }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    void bodyOf(request)
      .then((body) =>
        tell({
          method: request.method ?? "GET",
          path: url.pathname,
          query: url.searchParams,
          body,
          host: request.headers.host ?? "",
        }),
      )
      .then(({ status = 200, body, type }) => {
        const text = typeof body === "string" ? body : JSON.stringify(body);
        response.writeHead(status, {
          "content-type": type ?? (typeof body === "string" ? "text/html" : "application/json"),
        });
        response.end(text);
      })
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    end: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers for a test; parts may be overridden. */
export function testAnswers(changes: Partial<Answers> = {}): Answers {
  return {
    ...answersSchema.parse({
      checkout: { kind: "path", path: "/nowhere" },
      person: { userId: "canary_owner", fullName: "Test Person", email: "test@example.com" },
      kalshi: { kind: "none" },
    }),
    ...changes,
  };
}

export interface HealthWorld {
  world: World;
  /** One statement as the superuser. */
  sql: TestDatabase["query"];
  /** Puts a stand-in in the place of a program; its earlier one is ended. */
  program(name: string, tell: Teller): Promise<void>;
  /** Says that a program has been running for so many seconds. */
  up(name: string, seconds: number): void;
  end(): Promise<void>;
}

const appPassword = "app of a test";
const installerPassword = "installer of a test";

/** Roles belong to a whole server, and other tests give the same ones other passwords: these tests have their own. */
let ownServer: ReturnType<typeof testPostgres> | undefined;

async function schema(database: TestDatabase): Promise<void> {
  for (const [role, password] of [
    ["rec_io_user", appPassword],
    ["rec_io_setup", installerPassword],
  ])
    await database.query(
      `DO $$ BEGIN CREATE ROLE ${role} LOGIN PASSWORD '${password}'; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    );
  await database.query(
    "CREATE SCHEMA users AUTHORIZATION rec_io_setup; GRANT USAGE, CREATE ON SCHEMA users TO rec_io_user",
  );
  for (const name of ["live_data", "analytics", "system", "historical_data"])
    await database.query(`CREATE SCHEMA ${name} AUTHORIZATION rec_io_user`);
  await database.query(`GRANT CREATE ON DATABASE ${database.name} TO rec_io_setup, rec_io_user`);
  for (const file of ["users", "live-data", "analytics", "system"])
    await database.query(`SET ROLE rec_io_user; ${sqlFile(`schema/${file}.sql`)}`);
  await database.query(`SET ROLE rec_io_setup; ${sqlFile("schema/users-auto-trade-settings.sql")}`);
  for (const { table, values } of seeds) {
    const names = Object.keys(values);
    await database.query(
      `INSERT INTO ${table} (id, ${names.join(", ")}) VALUES (1, ${names.map((_, index) => `$${index + 1}`).join(", ")})`,
      Object.values(values),
    );
  }
}

/**
 * A world whose database is real, with REC.IO's tables, seed rows and the order lock; its programs are stand-ins of the
 * test, its exchange and its supervisord are words of the test.
 */
export async function healthWorld(kalshi: Partial<Kalshi> = {}): Promise<HealthWorld> {
  ownServer ??= testPostgres({ own: true });
  const database = await (await ownServer).database();
  await schema(database);
  const folder = join(tmpdir(), `rec-health-${randomBytes(6).toString("hex")}`);
  const machine = localMachine({ stateFolder: folder });
  const paths = statePaths(folder);
  await machine.files.makeFolder(paths.secrets, 0o700);
  await machine.files.makeFolder(paths.programs, 0o700);
  await machine.files.write(paths.appPassword, appPassword, 0o600);
  await machine.files.write(paths.installerPassword, installerPassword, 0o600);
  const { host, port } = database.server;
  const target = {
    kind: "server",
    host,
    port,
    database: database.name,
    appUser: "rec_io_user",
    installerUser: "rec_io_setup",
    adminUser: "postgres",
    adminDatabase: "postgres",
    sslmode: "disable",
  } as const;
  const db = postgres({ target, paths, machine });
  await db.withTransaction("installer", (session) => installLock(session, db.target));
  const programs = new Map<string, Awaited<ReturnType<typeof standInProgram>>>();
  const states = new Map<string, ProgramState>();
  const checkout: Pick<Checkout, "root" | "at" | "python" | "urlOf" | "supervised"> = {
    root: folder,
    at: (...parts) => join(folder, ...parts),
    python: "/usr/bin/python3",
    urlOf: async (name) => programs.get(name)?.url ?? "http://127.0.0.1:9",
    supervised: async () =>
      [...states.keys()].map((name) => ({ name, script: `backend/${name}.py`, args: [], exists: true, namedIn: [] })),
  };
  const supervisor: Pick<Supervisor, "programs" | "findDaemon"> = {
    programs: async () => [...states.values()],
    findDaemon: async () => undefined,
  };
  const world = {
    kind: "real",
    settings: readSettings({}),
    paths,
    machine,
    checkout: checkout as Checkout,
    postgres: db,
    kalshi: { environment: "demo", withoutKey: true, ...kalshi } as Kalshi,
    supervisor: supervisor as Supervisor,
  } satisfies World;
  return {
    world,
    sql: database.query,
    async program(name, tell) {
      await programs.get(name)?.end();
      programs.set(name, await standInProgram(tell));
    },
    up: (name, seconds) =>
      void states.set(name, { name, state: "RUNNING", pid: 4711, startedAt: Date.now() - seconds * 1000 }),
    async end() {
      for (const program of programs.values()) await program.end();
      await db.close();
      await database.drop();
      await machine.files.removeTree(folder, tmpdir());
    },
  };
}
