import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "playwright/test";
import type { Step } from "../engine/step.ts";
import type { Debt, Found } from "../engine/undo.ts";
import { createDatabaseRoles } from "../install/steps/create-database-roles.ts";
import { localMachine } from "../machine/local-machine.ts";
import { statePaths } from "../paths.ts";
import { postgres } from "../postgres/pool.ts";
import type { Postgres } from "../postgres/postgres.ts";
import { targetOf } from "../postgres/target.ts";
import { testAnswers } from "../postgres/test-installation.ts";
import { freePort, type TestServer, testPostgres } from "../postgres/test-server.ts";
import { isProblem } from "../problem.ts";
import type { World } from "../world.ts";
import { describeDebts, proveAdministrators } from "./debts.ts";

let server: TestServer;
let state: string;
const open: Postgres[] = [];

test.beforeAll(async () => {
  server = await testPostgres({});
});
test.beforeEach(() => {
  state = join(mkdtempSync(join(tmpdir(), "rec-debts-")), "state");
  mkdirSync(state, { mode: 0o700 });
});
test.afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  rmSync(dirname(state), { recursive: true, force: true });
});

/** Roles that were made on a server, and the administrator's password as it is held now. */
function owing(password: string | undefined, port = server.port) {
  const answers = testAnswers(server, "rec_io_db");
  if (answers.database.kind === "server") answers.database.port = port;
  const paths = statePaths(state);
  const machine = localMachine({ stateFolder: state });
  const made = postgres({
    target: targetOf(answers.database),
    paths,
    machine,
    secrets: () => (password === undefined ? {} : { databaseAdminPassword: password }),
  });
  open.push(made);
  const world = { kind: "real", paths, machine, postgres: made } as unknown as World;
  const debt: Debt = { runId: "one", stepId: "create-database-roles", receipt: { made: ["rec_io_user"] } };
  const find = (): Found => ({ step: createDatabaseRoles(answers) as Step, world });
  return { owed: [debt], find };
}

async function codeOf(work: Promise<void>): Promise<string> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return isProblem(thrown) ? thrown.code : String(thrown);
}

test("what was made on a server that is not ours names whose password is wanted", () => {
  const { owed, find } = owing(undefined);
  expect(describeDebts(owed, find).administrator).toEqual({ user: "postgres", server: `127.0.0.1:${server.port}` });
  expect(describeDebts([{ ...owed[0], stepId: "apply-schema" } as Debt], find).administrator).toBeUndefined();
});

test("a missing and a wrong password are told before anything is taken back, the right one is let in", async () => {
  const missing = owing(undefined);
  expect(await codeOf(proveAdministrators(missing.owed, missing.find))).toBe("database.password-missing");
  const wrong = owing("not it");
  expect(await codeOf(proveAdministrators(wrong.owed, wrong.find))).toBe("database.password-wrong");
  const right = owing(server.adminPassword);
  expect(await codeOf(proveAdministrators(right.owed, right.find))).toBe("undefined");
});

test("a server that is gone holds nothing up: what was made there is named as left afterwards", async () => {
  const { owed, find } = owing("whatever", await freePort());
  expect(await codeOf(proveAdministrators(owed, find))).toBe("undefined");
});
