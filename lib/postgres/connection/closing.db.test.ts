import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import { isProblem, type Problem } from "../../problem.ts";
import { postgres } from "../pool.ts";
import type { Postgres, PostgresTarget } from "../postgres.ts";
import { type TestServer, testPostgres } from "../test-server.ts";

const folder = join(tmpdir(), `rec-closing-${process.pid}`);
const paths = statePaths(folder);
const machine = localMachine({ stateFolder: folder });
test.beforeAll(() => mkdirSync(folder, { mode: 0o700, recursive: true }));
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

function targetAt(server: Pick<TestServer, "port">, changes: Partial<PostgresTarget> = {}): PostgresTarget {
  return {
    kind: "server",
    host: "127.0.0.1",
    port: server.port,
    database: "postgres",
    appUser: "rec_io_user",
    installerUser: "rec_io_setup",
    adminUser: "postgres",
    adminDatabase: "postgres",
    sslmode: "disable",
    ...changes,
  };
}

function connected(target: PostgresTarget, password: string): Postgres {
  return postgres({ target, paths, machine, secrets: () => ({ databaseAdminPassword: password }) });
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isProblem(thrown)) throw new Error(`no Problem came: ${String(thrown)}`);
  return thrown;
}

test("a question with a time limit of its own leaves the connection as it was, and the next one uses it", async () => {
  const server = await testPostgres();
  const made = connected(targetAt(server), server.adminPassword);
  const asked = "SELECT pg_backend_pid() AS pid, current_setting('statement_timeout') AS ends";
  const [own] = await made.query("admin", asked, [], { statementTimeoutMs: 60_000 });
  expect(own).toMatchObject({ ends: "1min" });
  expect(await made.query("admin", asked)).toEqual([{ ...own, ends: "10s" }]);
  await made.close();
});

test("closing waits for no question in hand, and the server ends what nobody waits for", async () => {
  const server = await testPostgres();
  const made = connected(targetAt(server), server.adminPassword);
  const long = problemOf(made.query("admin", "SELECT pg_sleep(8)"));
  const watch = connected(targetAt(server), server.adminPassword);
  const asleep = async () =>
    (
      await watch.query(
        "admin",
        "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(8)' AND state = 'active'",
      )
    ).length;
  await expect.poll(asleep).toBe(1);
  const started = performance.now();
  await made.close();
  expect(performance.now() - started).toBeLessThan(700);
  expect((await long).code).toBe("database.connection-lost");
  await watch.close();
});
