import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { type StatePaths, statePaths } from "../../paths.ts";
import { isProblem, type Problem } from "../../problem.ts";
import { postgres } from "../pool.ts";
import type { Postgres, PostgresTarget } from "../postgres.ts";
import type { TestServer } from "../test-server.ts";

/** A state folder for a test file, and connections that find their passwords there. */
export interface ConnectionTests {
  readonly folder: string;
  readonly paths: StatePaths;
  readonly machine: Machine;
  connected(target: PostgresTarget, adminPassword: string): Postgres;
}

/** Made when the file is loaded, removed after its last test. */
export function connectionTests(): ConnectionTests {
  const folder = join(tmpdir(), `rec-connection-${randomUUID()}`, "state");
  const paths = statePaths(folder);
  const machine = localMachine({ stateFolder: folder });
  test.beforeAll(() => mkdirSync(folder, { mode: 0o700, recursive: true }));
  test.afterAll(() => rmSync(dirname(folder), { recursive: true, force: true }));
  return {
    folder,
    paths,
    machine,
    connected: (target, adminPassword) =>
      postgres({ target, paths, machine, secrets: () => ({ databaseAdminPassword: adminPassword }) }),
  };
}

/** A test server as a target that somebody named, without TLS. */
export function targetAt(server: Pick<TestServer, "port">, changes: Partial<PostgresTarget> = {}): PostgresTarget {
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

/** The Problem that this work ends with; anything else fails the test. */
export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isProblem(thrown)) throw new Error(`no Problem came: ${String(thrown)}`);
  return thrown;
}
