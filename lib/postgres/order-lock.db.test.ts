import { readFileSync } from "node:fs";
import type pg from "pg";
import { expect, test } from "playwright/test";
import { ask } from "../engine/ask.ts";
import { automatedEntryHeld, orderLockAttempts, orderLockIntact } from "../health/probes/database/order-lock.ts";
import { holdNewOrders } from "../install/steps/hold-new-orders.ts";
import { lock, release, tradingState } from "./order-lock.ts";
import { type TestInstallation, testInstallation, testJob } from "./test-installation.ts";
import { hasPostgres } from "./test-server.ts";

const table = "users.auto_trade_settings_0001";

/** A connection as REC.IO's role, named like a program's. */
async function asApp({ database, paths }: TestInstallation): Promise<pg.Client> {
  const client = await database.connect("rec_io_user", readFileSync(paths.appPassword, "utf8"));
  await client.query("SET application_name = 'rec:main_app'");
  return client;
}

async function switches({ database }: TestInstallation) {
  return (await database.query(`SELECT auto_entry, auto_stop, min_time FROM ${table} WHERE id = 1`))[0];
}

for (const major of [18, 15] as const) {
  test.describe(`on PostgreSQL ${major}`, () => {
    test.skip(!hasPostgres(major), `PostgreSQL ${major} is not installed here`);
    let installed: TestInstallation;
    let app: pg.Client;

    test.beforeEach(async () => {
      installed = await testInstallation({ major });
      app = await asApp(installed);
    });
    test.afterEach(async () => {
      await app.end();
      await installed.end();
    });

    test("every way in which REC.IO's role could switch automated entry on leaves it off, and is noted", async () => {
      await app.query(`UPDATE ${table} SET auto_entry = true WHERE id = 1`);
      expect(await switches(installed)).toMatchObject({ auto_entry: false });
      await app.query(
        `INSERT INTO ${table} (id, auto_entry) VALUES (1, true) ON CONFLICT (id) DO UPDATE SET auto_entry = true`,
      );
      expect(await switches(installed)).toMatchObject({ auto_entry: false });
      await app.query(`DELETE FROM ${table} WHERE id = 1`);
      await app.query(`INSERT INTO ${table} (id, auto_entry, auto_stop) VALUES (1, true, true)`);
      expect(await switches(installed)).toMatchObject({ auto_entry: false, auto_stop: false });
      await app.query(`DELETE FROM ${table} WHERE id = 1`);
      const { copyIn } = await import("./connection/copy-in.ts");
      async function* rows() {
        yield Buffer.from("1\tt\tt\n");
      }
      expect(await copyIn(app, `COPY ${table} (id, auto_entry, auto_stop) FROM STDIN`, rows())).toBe(1);
      expect(await switches(installed)).toMatchObject({ auto_entry: false, auto_stop: false });

      const notes = await installed.database.query<{
        switch: string;
        times: number;
        application: string;
        login: string;
      }>("SELECT switch, times, application, login FROM order_lock.attempt ORDER BY id");
      expect(notes.every(({ application, login }) => application === "rec:main_app" && login === "rec_io_user")).toBe(
        true,
      );
      expect(notes.find((note) => note.switch === "auto_entry")?.times).toBe(5);
      expect((await tradingState(installed.postgres)).attempts).toMatchObject({ count: 7, lastFrom: "rec:main_app" });
    });

    test("a session that replays for a replica is held too", async () => {
      const admin = await installed.database.connect();
      await admin.query("SET session_replication_role = replica");
      await admin.query(`UPDATE ${table} SET auto_entry = true, auto_stop = true WHERE id = 1`);
      await admin.end();
      expect(await switches(installed)).toMatchObject({ auto_entry: false, auto_stop: false });
    });

    test("the other columns of the same statement are written", async () => {
      await app.query(
        `UPDATE ${table} SET auto_entry = true, min_time = 77, cooldown_timer = 5, auto_entry_status = 'ACTIVE' WHERE id = 1`,
      );
      expect(
        await installed.database.query(`SELECT auto_entry, min_time, cooldown_timer, auto_entry_status FROM ${table}`),
      ).toEqual([{ auto_entry: false, min_time: 77, cooldown_timer: 5, auto_entry_status: "DISABLED" }]);
      await app.query(`UPDATE ${table} SET auto_entry_status = 'INACTIVE', updated_at = now() WHERE id = 1`);
      expect(await installed.database.query(`SELECT auto_entry_status FROM ${table}`)).toEqual([
        { auto_entry_status: "INACTIVE" },
      ]);
      expect(await installed.database.query("SELECT sum(times)::int AS n FROM order_lock.attempt")).toEqual([{ n: 1 }]);
    });

    test("REC.IO's role can neither take the trigger off nor the table away", async () => {
      for (const attack of [
        `ALTER TABLE ${table} DISABLE TRIGGER zz_order_lock`,
        `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
        `DROP TRIGGER zz_order_lock ON ${table}`,
        `DROP TABLE ${table}`,
        `TRUNCATE ${table}`,
        "DROP SCHEMA users CASCADE",
        `ALTER TABLE ${table} RENAME TO gone`,
        `ALTER TABLE ${table} OWNER TO rec_io_user`,
        `CREATE TRIGGER zzz BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION order_lock.enforce()`,
        "SET ROLE rec_io_setup",
        "UPDATE order_lock.permit SET auto_entry_allowed = true",
        "SELECT * FROM order_lock.permit",
        "DROP SCHEMA order_lock CASCADE",
        "CREATE OR REPLACE FUNCTION order_lock.may_send(kind text, how text, ticket text, payload text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "SELECT order_lock.note('UPDATE', 'auto_entry', false, true, false)",
      ])
        await expect(app.query(attack), attack).rejects.toThrow(/must be owner|permission denied/);
      await app.query("CREATE TABLE users.something_of_its_own (n int)");
      await app.query("DROP TABLE users.something_of_its_own");
      expect((await tradingState(installed.postgres)).intact).toBe(true);
    });

    test("auto_stop is frozen in both directions, survives a deleted row, and the installer may change it", async () => {
      await app.query(`UPDATE ${table} SET auto_stop = true WHERE id = 1`);
      expect(await switches(installed)).toMatchObject({ auto_stop: false });

      await installed.postgres.query("installer", `UPDATE ${table} SET auto_stop = true WHERE id = 1`);
      expect(await switches(installed)).toMatchObject({ auto_stop: true });
      await app.query(`UPDATE ${table} SET auto_stop = false WHERE id = 1`);
      expect(await switches(installed)).toMatchObject({ auto_stop: true });
      await app.query(`DELETE FROM ${table}`);
      await app.query(`INSERT INTO ${table} (id, auto_entry, auto_stop) VALUES (1, false, false)`);
      expect(await switches(installed)).toMatchObject({ auto_stop: true });

      await installed.postgres.query("installer", `UPDATE ${table} SET auto_entry = true WHERE id = 1`);
      expect(await switches(installed)).toMatchObject({ auto_entry: false, auto_stop: true });
    });

    test("the order gate answers in all four modes, and notes each order", async () => {
      const orders = [
        ["close", "auto"],
        ["close", "manual"],
        ["open", "manual"],
        ["open", "auto"],
        [null, null],
      ];
      const answersIn = async (mode: string) => {
        await installed.postgres.query("installer", "UPDATE order_lock.permit SET orders = $1", [mode]);
        const allowed: boolean[] = [];
        for (const [kind, how] of orders)
          allowed.push(
            (await app.query("SELECT order_lock.may_send($1, $2, 'T-1', '{}') AS ok", [kind, how])).rows[0].ok,
          );
        return allowed;
      };
      expect(await answersIn("none")).toEqual([false, false, false, false, false]);
      expect(await answersIn("close-only")).toEqual([true, true, false, false, false]);
      expect(await answersIn("manual")).toEqual([true, true, true, false, false]);
      expect(await answersIn("all")).toEqual([true, true, true, true, true]);
      await installed.postgres.query("installer", "DELETE FROM order_lock.permit");
      expect((await app.query("SELECT order_lock.may_send('close', 'manual', 'T-1', '{}') AS ok")).rows).toEqual([
        { ok: false },
      ]);
      await app.query(`UPDATE ${table} SET auto_entry = true WHERE id = 1`);
      expect(await switches(installed)).toMatchObject({ auto_entry: false });
      expect(
        await installed.database.query(
          "SELECT count(*)::int AS n, count(*) FILTER (WHERE allowed)::int AS allowed, max(application) AS application FROM order_lock.order_attempt",
        ),
      ).toEqual([{ n: 21, allowed: 10, application: "rec:main_app" }]);
    });

    test("released, REC.IO may switch what was released; locked again, it is off at once", async () => {
      await release(installed.postgres, "manual");
      await app.query(`UPDATE ${table} SET auto_entry = true, auto_stop = true WHERE id = 1`);
      expect(await switches(installed)).toMatchObject({ auto_entry: false, auto_stop: true });
      await release(installed.postgres, "all");
      expect(await switches(installed)).toMatchObject({ auto_entry: false });
      await app.query(`UPDATE ${table} SET auto_entry = true WHERE id = 1`);
      expect(await tradingState(installed.postgres)).toMatchObject({
        mode: "all",
        intact: true,
        autoEntry: true,
        autoStop: true,
        momentumSpike: true,
        openTrades: 0,
        trades: [],
        attempts: { count: 0 },
      });
      await lock(installed.postgres);
      expect(await switches(installed)).toMatchObject({ auto_entry: false, auto_stop: true });
      await app.query(`UPDATE ${table} SET auto_stop = false WHERE id = 1`);
      expect(await tradingState(installed.postgres)).toMatchObject({
        mode: "close-only",
        autoEntry: false,
        autoStop: true,
        attempts: { count: 1 },
      });
    });
  });
}

test.describe("what the probes see", () => {
  let installed: TestInstallation;
  test.beforeEach(async () => {
    installed = await testInstallation();
  });
  test.afterEach(() => installed.end());

  const intact = async () =>
    (await ask(orderLockIntact(installed.answers), installed.world, new AbortController().signal)).finding;
  const held = async () => (await ask(automatedEntryHeld(), installed.world, new AbortController().signal)).finding;

  const damages: [string, string, string][] = [
    ["a trigger that is not always on", `ALTER TABLE ${table} ENABLE TRIGGER zz_order_lock`, "not enabled always"],
    ["a trigger that is off", `ALTER TABLE ${table} DISABLE TRIGGER zz_order_lock`, "not enabled always"],
    ["no trigger", `DROP TRIGGER zz_order_lock ON ${table}`, "zz_order_lock is missing"],
    [
      "a changed function",
      "CREATE OR REPLACE FUNCTION order_lock.enforce() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NEW; END'",
      "enforce() is not the function that was installed",
    ],
    ["an open gate", "GRANT EXECUTE ON FUNCTION order_lock.may_send TO PUBLIC", "may be called by PUBLIC"],
    [
      "a permit that REC.IO can write",
      "GRANT USAGE ON SCHEMA order_lock TO rec_io_user; GRANT UPDATE ON order_lock.permit TO rec_io_user",
      "order_lock.permit may be written",
    ],
    ["a table that REC.IO owns", `ALTER TABLE ${table} OWNER TO rec_io_user`, "belongs to rec_io_user"],
    ["a schema that REC.IO owns", "ALTER SCHEMA users OWNER TO rec_io_user", "The schema users belongs to rec_io_user"],
    ["no lock at all", "DROP SCHEMA order_lock CASCADE", "not installed"],
  ];
  for (const [what, damage, says] of damages)
    test(`${what} is named, and the step mends it`, async () => {
      expect((await intact()).level).toBe("ok");
      await installed.database.query(damage);
      const finding = await intact();
      expect(finding.level).toBe("fail");
      expect(finding.says).toContain(says);
      await holdNewOrders(installed.answers).run(installed.world, testJob());
      expect(await intact()).toMatchObject({ level: "ok" });
      expect(await held()).toMatchObject({ level: "ok" });
    });

  test("a trigger that fires later than the lock's is named, and the person is told to drop it", async () => {
    await installed.database.query(
      "CREATE FUNCTION public.arm() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.auto_entry := true; RETURN NEW; END'",
    );
    await installed.database.query(
      `CREATE TRIGGER zzz BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION public.arm()`,
    );
    expect(await intact()).toMatchObject({
      level: "fail",
      says: "The trigger zzz fires after the order lock.",
      remedy: { kind: "sentence", says: "Drop the trigger zzz, which can undo what the order lock holds." },
    });
  });

  test("automated entry that is on behind the lock is a failure, and an attempt is a warning with its origin", async () => {
    const attempts = async () =>
      (await ask(orderLockAttempts(), installed.world, new AbortController().signal)).finding;
    expect((await attempts()).level).toBe("ok");
    expect(await held()).toMatchObject({
      level: "ok",
      says: "New orders are held; closing stays possible. Automated entry is off.",
    });
    const app = await asApp(installed);
    await app.query(`UPDATE ${table} SET auto_entry = true`);
    await app.query("SELECT order_lock.may_send('open', 'auto', 'T', '{}')");
    await app.end();
    expect(await attempts()).toMatchObject({
      level: "warn",
      says: "A held switch was to be changed once and 1 order was refused, last by rec:main_app.",
    });
    await installed.database.query(
      `ALTER TABLE ${table} DISABLE TRIGGER zz_order_lock; UPDATE ${table} SET auto_entry = true; ALTER TABLE ${table} ENABLE ALWAYS TRIGGER zz_order_lock`,
    );
    expect(await held()).toMatchObject({ level: "fail", objects: [`${table}.auto_entry`] });
    await holdNewOrders(installed.answers).run(installed.world, testJob());
    expect(await held()).toMatchObject({ level: "ok" });
  });

  test("undo takes the lock off and gives the owners back", async () => {
    const bare = await testInstallation({ upTo: "rows" });
    await bare.database.query(`ALTER TABLE ${table} OWNER TO rec_io_user; ALTER SCHEMA users OWNER TO rec_io_user`);
    const step = holdNewOrders(bare.answers);
    const receipt = await step.run(bare.world, testJob());
    expect(receipt).toEqual({
      made: true,
      owners: [
        ["schema", "users", "rec_io_user"],
        ["table", table, "rec_io_user"],
      ],
    });
    if ("never" in step.undo) throw new Error("the lock can be taken off");
    await step.undo.takeBack(bare.world, receipt, testJob());
    await step.undo.takeBack(bare.world, receipt, testJob());
    expect((await tradingState(bare.postgres)).mode).toBe("absent");
    expect(
      await bare.database.query(`SELECT tableowner FROM pg_tables WHERE schemaname || '.' || tablename = '${table}'`),
    ).toEqual([{ tableowner: "rec_io_user" }]);
    expect(
      await bare.database.query("SELECT count(*)::int AS n FROM pg_trigger WHERE tgname = 'zz_order_lock'"),
    ).toEqual([{ n: 0 }]);
    await bare.end();
  });
});
