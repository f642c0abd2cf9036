import { dirname, join } from "node:path";
import { type Answer, ask } from "../engine/ask.ts";
import type { Job, Json, Step } from "../engine/step.ts";
import { type Answers, answers } from "../install/answers.ts";
import { applySchema } from "../install/steps/apply-schema.ts";
import { createDatabase } from "../install/steps/create-database.ts";
import { createDatabaseRoles } from "../install/steps/create-database-roles.ts";
import { holdNewOrders } from "../install/steps/hold-new-orders.ts";
import { seedRows } from "../install/steps/seed-rows.ts";
import { localMachine } from "../machine/local-machine.ts";
import { type StatePaths, statePaths } from "../paths.ts";
import type { World } from "../world.ts";
import { postgres } from "./pool.ts";
import type { Postgres } from "./postgres.ts";
import { installerRole, targetOf } from "./target.ts";
import { type TestDatabase, type TestServer, testPostgres } from "./test-server.ts";

/** How far a test's database is installed: nothing but its roles, its tables with their rows, or with the order lock. */
export type InstalledUpTo = "roles" | "rows" | "lock";

export interface TestInstallation {
  readonly server: TestServer;
  readonly database: TestDatabase;
  readonly answers: Answers;
  readonly paths: StatePaths;
  /** The real adapter on this database, with password files in a state folder of the server's. */
  readonly postgres: Postgres;
  /** What steps and probes of the database's room need of a world. */
  readonly world: World;
  /** Closes the connections and drops the database; everything goes with the server anyway. */
  end(): Promise<void>;
}

/** Answers whose database is a server at this address. */
export function testAnswers(server: TestServer, database: string, appUser = "rec_io_user"): Answers {
  return answers.parse({
    checkout: { kind: "path", path: "/nowhere" },
    person: { userId: "tester", fullName: "A Tester", email: "tester@example.org" },
    kalshi: { kind: "none" },
    database: { kind: "server", host: server.host, port: server.port, database, appUser },
  });
}

/** A job that keeps what it is told, for running a step without the engine. */
export function testJob(): Job<Json> & { lines: string[]; receipts: Json[] } {
  const lines: string[] = [];
  const receipts: Json[] = [];
  return {
    lines,
    receipts,
    signal: new AbortController().signal,
    secrets: {},
    progress: () => {},
    log: (line) => void lines.push(line),
    spent: async (receipt) => void receipts.push(structuredClone(receipt)),
  };
}

/** What a step's probes say now, as the engine would hear it. */
export async function lookAt(step: Pick<Step, "probes">, world: World): Promise<Answer["finding"][]> {
  const found: Answer["finding"][] = [];
  for (const probe of step.probes) {
    const bugs: unknown[] = [];
    found.push((await ask(probe, world, new AbortController().signal, (bug) => bugs.push(bug))).finding);
    if (bugs.length > 0) throw bugs[0];
  }
  return found;
}

async function worldOn(
  server: TestServer,
  given: Answers,
): Promise<{ world: World; paths: StatePaths; made: Postgres }> {
  const state = join(dirname(server.socket), "state");
  const paths = statePaths(state);
  const machine = localMachine({ stateFolder: state });
  await machine.files.makeFolder(state, 0o700);
  const secrets = () => ({ databaseAdminPassword: server.adminPassword });
  const made = postgres({ target: targetOf(given.database), paths, machine, secrets });
  // The database's room asks a world for these and for nothing else; of the checkout only what it sends.
  const checkout = { statements: async () => ({ statements: [], unread: [] }) };
  return { world: { kind: "real", paths, machine, postgres: made, checkout } as unknown as World, paths, made };
}

const templates = new Map<string, Promise<string>>();

/** A database that was installed by the real steps, kept to be copied. */
async function template(server: TestServer, upTo: InstalledUpTo): Promise<string> {
  const name = `installed_${upTo}`;
  const given = testAnswers(server, name);
  const { world, made } = await worldOn(server, given);
  const steps = [createDatabaseRoles(given), createDatabase(given)];
  const further =
    upTo === "roles" ? [] : [applySchema(given), seedRows(), ...(upTo === "lock" ? [holdNewOrders(given)] : [])];
  for (const step of [...steps, ...further] as Step[]) await step.run(world, testJob());
  await made.close();
  return name;
}

/**
 * A fresh database on the shared test server, installed by the real steps as far as the test wants it, and the real
 * adapter on it. Each is a copy of a template, so a further one takes some tens of milliseconds.
 */
export async function testInstallation(
  options: { major?: 15 | 18; upTo?: InstalledUpTo; server?: TestServer } = {},
): Promise<TestInstallation> {
  const server = options.server ?? (await testPostgres({ major: options.major ?? 18 }));
  const upTo = options.upTo ?? "lock";
  const key = `${server.port} ${upTo}`;
  const known = templates.get(key) ?? template(server, upTo);
  templates.set(key, known);
  const database = await server.database(await known);
  const grants = [
    `ALTER DATABASE ${database.name} OWNER TO ${installerRole}`,
    `REVOKE ALL ON DATABASE ${database.name} FROM PUBLIC`,
    `GRANT CONNECT, CREATE, TEMP ON DATABASE ${database.name} TO rec_io_user`,
  ];
  await database.query(grants.join("; "));
  const given = testAnswers(server, database.name);
  const { world, paths, made } = await worldOn(server, given);
  return {
    server,
    database,
    answers: given,
    paths,
    postgres: made,
    world,
    async end() {
      await made.close();
      await database.drop();
    },
  };
}
