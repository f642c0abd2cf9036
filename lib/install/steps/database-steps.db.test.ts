import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import type { Json, Step } from "../../engine/step.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import { postgres } from "../../postgres/pool.ts";
import { targetOf } from "../../postgres/target.ts";
import { lookAt, testAnswers, testJob } from "../../postgres/test-installation.ts";
import { hasPostgres, type TestServer, testPostgres } from "../../postgres/test-server.ts";
import { isProblem } from "../../problem.ts";
import type { World } from "../../world.ts";
import { applySchema } from "./apply-schema.ts";
import { createDatabase } from "./create-database.ts";
import { createDatabaseRoles } from "./create-database-roles.ts";
import { holdNewOrders } from "./hold-new-orders.ts";
import { seedRows } from "./seed-rows.ts";

/** A world on a server of the test's own, so that roles can be made and removed. */
function worldFor(
  server: TestServer,
  database: string,
  admin = { user: "postgres", password: server.adminPassword },
  appUser?: string,
) {
  const state = join(mkdtempSync(join(tmpdir(), "rec-steps-")), "state");
  mkdirSync(state, { mode: 0o700 });
  const paths = statePaths(state);
  const given = testAnswers(server, database, appUser);
  if (given.database.kind === "server") given.database.adminUser = admin.user;
  const machine = localMachine({ stateFolder: state });
  const made = postgres({
    target: targetOf(given.database),
    paths,
    machine,
    secrets: () => ({ databaseAdminPassword: admin.password }),
  });
  const world = { kind: "real", paths, machine, postgres: made } as unknown as World;
  const steps = [
    createDatabaseRoles(given),
    createDatabase(given),
    applySchema(given),
    seedRows(),
    holdNewOrders(given),
  ] as Step[];
  return {
    world,
    given,
    paths,
    postgres: made,
    steps,
    remove: () => rmSync(join(state, ".."), { recursive: true, force: true }),
  };
}

const level = (findings: { level: string }[]) => findings.map((finding) => finding.level);
const allOk = (findings: { level: string }[]) => findings.every((finding) => finding.level === "ok");

for (const major of [18, 15] as const) {
  test.describe(`on PostgreSQL ${major}`, () => {
    test.skip(!hasPostgres(major), `PostgreSQL ${major} is not installed here`);
    let server: TestServer;
    test.beforeAll(async () => {
      server = await testPostgres({ major, own: true });
    });
    test.afterAll(() => server.stop());

    test("each step fails before, holds after, twice is once, and what it made is taken back", async () => {
      const outside = await server.database();
      await outside.query("CREATE TABLE not_ours AS SELECT 1 AS n");
      const { world, steps, postgres: made, paths, remove } = worldFor(server, "rec_io_db");
      const receipts: Json[] = [];
      for (const step of steps) {
        expect(level(await lookAt(step, world)), `${step.id} before`).toContain("fail");
        expect(level(await lookAt(step, world)), `${step.id} before`).not.toContain("unknown");
        expect((await step.describe(world)).length, step.id).toBeGreaterThan(0);
        expect(await step.describe(world), `${step.id} describes itself the same twice`).toEqual(
          await step.describe(world),
        );
        receipts.push(await step.run(world, testJob()));
        const after = await lookAt(step, world);
        expect(allOk(after), `${step.id} after: ${JSON.stringify(after)}`).toBe(true);
        const again = await step.run(world, testJob());
        expect(allOk(await lookAt(step, world)), `${step.id} run twice`).toBe(true);
        expect(JSON.stringify(again), `${step.id} makes nothing twice`).not.toMatch(
          /"made":true|"made":\["|"tables":\["|"rows":\["/,
        );
      }
      expect(readFileSync(paths.appPassword, "utf8")).toMatch(/^[\w-]{43}$/);
      expect(statSync(paths.appPassword).mode & 0o777).toBe(0o600);
      expect(await made.query("app", "SELECT position_size FROM users.trade_preferences_0001")).toEqual([
        { position_size: 1 },
      ]);

      for (const [index, step] of [...steps.entries()].reverse()) {
        if ("never" in step.undo) throw new Error(`${step.id} can be taken back`);
        for (const _twice of [1, 2]) await step.undo.takeBack(world, receipts[index] as Json, testJob());
      }
      const admin = (text: string) => made.query("admin", text, [], { database: "postgres" });
      expect(await admin("SELECT rolname FROM pg_roles WHERE rolname LIKE 'rec_io%'")).toEqual([]);
      expect(await admin("SELECT datname FROM pg_database WHERE datname LIKE 'rec_io%'")).toEqual([]);
      expect(await world.machine.files.facts(paths.appPassword)).toBeUndefined();
      expect(await outside.query("SELECT n FROM not_ours")).toEqual([{ n: 1 }]);
      await made.close();
      remove();
    });

    test("roles and a database of others are taken over as described, and given back", async () => {
      const admin = await server.database();
      await admin.query("CREATE ROLE rec_io_user LOGIN PASSWORD 'rec_io_password'");
      await admin.query("CREATE ROLE somebody");
      const theirs = await server.database();
      await theirs.query(`ALTER DATABASE ${theirs.name} OWNER TO somebody`);
      await theirs.query("CREATE SCHEMA live_data; CREATE TABLE live_data.kept AS SELECT 3 AS n");
      const { world, steps, postgres: made, remove } = worldFor(server, theirs.name);
      const [roles, database, schema] = steps as [Step, Step, Step];
      // What is there is seen before any role of ours is, so the plan that is agreed to is the one that is carried out.
      const shown = await schema.describe(world);
      expect(JSON.stringify(shown)).toContain("belongs to postgres: OWNER TO rec_io_user");
      expect(JSON.stringify(shown)).not.toContain('CREATE SCHEMA \\"live_data\\"');
      const described = JSON.stringify(await roles.describe(world));
      expect(described).toContain("was not made here: it gets a new password");
      const receipts = [await roles.run(world, testJob())];
      expect(receipts[0]).toMatchObject({ made: ["rec_io_setup"], passwordChanged: ["rec_io_user"] });
      expect(JSON.stringify(await database.describe(world))).toContain(
        "belongs to somebody: it is given to rec_io_setup",
      );
      receipts.push(await database.run(world, testJob()));
      expect(await schema.describe(world)).toEqual(shown);
      expect(JSON.stringify(await schema.describe(world))).toContain("belongs to postgres: OWNER TO rec_io_user");
      receipts.push(await schema.run(world, testJob()));
      expect(allOk(await lookAt(schema, world))).toBe(true);
      for (const [index, step] of [roles, database, schema].entries()) {
        const at = 2 - index;
        const undone = [roles, database, schema][at] as Step;
        if ("never" in undone.undo) throw new Error(`${step.id} can be taken back`);
        await undone.undo.takeBack(world, receipts[at] as Json, testJob());
      }
      expect(await theirs.query("SELECT n FROM live_data.kept")).toEqual([{ n: 3 }]);
      expect(
        await theirs.query(
          "SELECT nspname, pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname IN ('users', 'live_data')",
        ),
      ).toEqual([{ nspname: "live_data", owner: "postgres" }]);
      expect(
        await theirs.query(
          "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = current_database()",
        ),
      ).toEqual([{ owner: "somebody" }]);
      expect(await theirs.query("SELECT rolname FROM pg_roles WHERE rolname LIKE 'rec_io%'")).toEqual([
        { rolname: "rec_io_user" },
      ]);
      await made.close();
      await theirs.drop();
      await admin.query("DROP OWNED BY rec_io_user");
      await admin.query("DROP ROLE rec_io_user");
      remove();
    });

    test("an administrator who is no superuser is enough, whatever signs stand in names and password", async () => {
      const admin = await server.database();
      await admin.query(`CREATE ROLE "the ""boss"", 100%'s" LOGIN CREATEROLE CREATEDB PASSWORD 'a %"'' ,pass word '`);
      const boss = { user: `the "boss", 100%'s`, password: "a %\"' ,pass word " };
      const {
        world,
        steps,
        postgres: made,
        remove,
      } = worldFor(server, `rec of "boss", 50%'s`, boss, `their "own" user's`);
      const receipts: Json[] = [];
      for (const step of steps) {
        receipts.push(await step.run(world, testJob()));
        const after = await lookAt(step, world);
        expect(allOk(after), `${step.id}: ${JSON.stringify(after)}`).toBe(true);
      }
      for (const [index, step] of [...steps.entries()].reverse())
        if (!("never" in step.undo)) await step.undo.takeBack(world, receipts[index] as Json, testJob());
      expect(await admin.query("SELECT rolname FROM pg_roles WHERE rolname ~ '^(rec_io|their )'")).toEqual([]);
      await made.close();
      remove();
    });
  });
}

test.describe("refusals", () => {
  let server: TestServer;
  test.beforeAll(async () => {
    server = await testPostgres({ own: true });
  });
  test.afterAll(() => server.stop());

  async function problemOf(work: Promise<unknown>) {
    const thrown = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!isProblem(thrown)) throw new Error(`no Problem came: ${String(thrown)}`);
    return thrown;
  }

  test("a superuser as REC.IO's role is refused before anything changes", async () => {
    const admin = await server.database();
    await admin.query("CREATE ROLE rec_io_user LOGIN SUPERUSER PASSWORD 'x'");
    const { world, steps, postgres: made, remove } = worldFor(server, "rec_io_db");
    expect((await problemOf((steps[0] as Step).describe(world))).code).toBe("database.role-too-mighty");
    await admin.query("DROP ROLE rec_io_user");
    await made.close();
    remove();
  });

  test("an administrator without rights and a wrong password are named, and no role is left", async () => {
    const admin = await server.database();
    await admin.query("CREATE ROLE nobody_much LOGIN PASSWORD 'secret-of-nobody'");
    const weak = worldFor(server, "rec_io_db", { user: "nobody_much", password: "secret-of-nobody" });
    const before = await problemOf((weak.steps[0] as Step).describe(weak.world));
    expect(before.says).toBe("nobody_much lacks CREATEROLE and CREATEDB.");
    const job = testJob();
    const spent: Json[] = [];
    job.spent = async (receipt) => void spent.push(structuredClone(receipt));
    const right = await problemOf((weak.steps[0] as Step).run(weak.world, job));
    expect(right.code).toBe("database.right-missing");
    // Nothing was made on the server, so taking back what was spent needs no administrator.
    const { undo } = weak.steps[0] as Step;
    const locked = worldFor(server, "rec_io_db", { user: "postgres", password: "wrong-secret" });
    if ("takeBack" in undo) await undo.takeBack(locked.world, spent.at(-1) as Json, testJob());
    expect(weak.world.paths.installerPassword).toBe((spent.at(-1) as { files: string[] }).files[0]);
    expect(readdirSync(weak.world.paths.secrets)).toEqual([]);
    await locked.postgres.close();
    locked.remove();
    const wrong = worldFor(server, "rec_io_db", { user: "postgres", password: "wrong-secret" });
    const password = await problemOf((wrong.steps[0] as Step).run(wrong.world, testJob()));
    expect(password.code).toBe("database.password-wrong");
    expect(password.says + JSON.stringify(password.evidence ?? "")).not.toContain("wrong-secret");
    expect(await admin.query("SELECT rolname FROM pg_roles WHERE rolname LIKE 'rec_io%'")).toEqual([]);
    for (const { postgres: made, remove } of [weak, wrong]) {
      await made.close();
      remove();
    }
  });

  test("a database that is not in UTF-8 is refused", async () => {
    const admin = await server.database();
    await admin.query(
      "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'",
    );
    const { world, steps, postgres: made, remove } = worldFor(server, "latin");
    expect((await problemOf((steps[1] as Step).describe(world))).code).toBe("database.wrong-encoding");
    await made.close();
    remove();
  });
});
