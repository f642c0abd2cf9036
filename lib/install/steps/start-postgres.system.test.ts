import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import type { Step } from "../../engine/step.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import { postgres } from "../../postgres/pool.ts";
import { targetOf } from "../../postgres/target.ts";
import { lookAt, testJob } from "../../postgres/test-installation.ts";
import { freePort } from "../../postgres/test-server.ts";
import { isProblem } from "../../problem.ts";
import type { World } from "../../world.ts";
import { answers } from "../answers.ts";
import { applySchema } from "./apply-schema.ts";
import { createDatabase } from "./create-database.ts";
import { createDatabaseRoles } from "./create-database-roles.ts";
import { holdNewOrders } from "./hold-new-orders.ts";
import { seedRows } from "./seed-rows.ts";
import { startPostgres } from "./start-postgres.ts";

function place(port: number) {
  const state = join(mkdtempSync(join(tmpdir(), "rec-start-")), "state");
  mkdirSync(state, { mode: 0o700 });
  const given = answers.parse({
    checkout: { kind: "path", path: "/nowhere" },
    person: { userId: "tester", fullName: "A Tester", email: "tester@example.org" },
    kalshi: { kind: "none" },
    database: { kind: "embedded", port },
  });
  const paths = statePaths(state);
  const machine = localMachine({ stateFolder: state });
  const made = postgres({ target: targetOf(given.database), paths, machine });
  const world = { kind: "real", paths, machine, postgres: made } as unknown as World;
  return { given, paths, world, made, remove: () => rmSync(join(state, ".."), { recursive: true, force: true }) };
}

test("the embedded server's step fails before, holds after, twice is once, and takes the cluster back as a whole", async () => {
  const { given, paths, world, made, remove } = place(await freePort());
  const step = startPostgres(given) as Step;
  expect(await lookAt(step, world)).toMatchObject([{ level: "fail" }, { level: "unknown" }]);

  // What later steps would do is told before there is a server, and is the same once there is one.
  const later = [
    createDatabaseRoles(given),
    createDatabase(given),
    applySchema(given),
    seedRows(),
    holdNewOrders(given),
  ] as Step[];
  const before = await Promise.all(later.map((each) => each.describe(world)));
  expect((await step.describe(world)).map(({ what }) => what)).toEqual(["folder", "file", "process", "port"]);

  const job = testJob();
  const receipt = await step.run(world, job);
  expect(receipt).toEqual({ cluster: true });
  expect(job.receipts).toEqual([{ cluster: true }]);
  expect(await lookAt(step, world)).toMatchObject([
    { level: "ok" },
    { level: "ok", says: "PostgreSQL 18.4 takes writes." },
  ]);
  expect(await step.describe(world)).toEqual([]);
  expect(await Promise.all(later.map((each) => each.describe(world)))).toEqual(before);
  expect(await step.run(world, testJob())).toEqual({ cluster: false });

  for (const each of later) {
    await each.run(world, testJob());
    expect(
      (await lookAt(each, world)).map(({ level }) => level),
      each.id,
    ).not.toContain("fail");
    expect(
      (await lookAt(each, world)).map(({ level }) => level),
      each.id,
    ).not.toContain("unknown");
  }
  await made.embedded.stop();
  expect(await lookAt(step, world)).toMatchObject([
    { level: "fail", remedy: { kind: "step", stepId: "start-postgres" } },
    { level: "unknown" },
  ]);
  expect((await step.describe(world)).map(({ what }) => what)).toEqual(["process", "port"]);
  await step.run(world, testJob());
  expect(await lookAt(step, world)).toMatchObject([{ level: "ok" }, { level: "ok" }]);

  if ("never" in step.undo) throw new Error("the cluster can be taken back");
  for (const _twice of [1, 2]) await step.undo.takeBack(world, receipt, testJob());
  expect(await made.embedded.status()).toEqual({ state: "absent" });
  expect(existsSync(join(paths.state, "postgres"))).toBe(false);
  expect(readdirSync(paths.secrets)).toEqual(["database-installer.password"]);
  expect(readdirSync(paths.programs)).toEqual(["database-app.password"]);
  await made.close();
  remove();
});

test("the repair of a cluster that was there takes nothing away when it is undone", async () => {
  const { given, world, made, remove } = place(await freePort());
  const step = startPostgres(given) as Step;
  await step.run(world, testJob());
  await made.embedded.stop();
  const receipt = await step.run(world, testJob());
  if ("never" in step.undo) throw new Error("the cluster can be taken back");
  await step.undo.takeBack(world, receipt, testJob());
  expect((await made.embedded.status()).state).toBe("running");
  await made.embedded.stop();
  await made.close();
  remove();
});

test("a taken port fails the step with the holder's name, and a free one then works", async () => {
  const port = await freePort();
  const { given, world, made, remove } = place(port);
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(port, "127.0.0.1", resolve));
  const step = startPostgres(given) as Step;
  const thrown = await step.run(world, testJob()).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(isProblem(thrown) && thrown.code).toBe("database.port-taken");
  await new Promise<void>((resolve) => holder.close(() => resolve()));
  await step.run(world, testJob());
  expect(await lookAt(step, world)).toMatchObject([{ level: "ok" }, { level: "ok" }]);
  await made.embedded.stop();
  await made.close();
  remove();
});
