import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { applySchema } from "../../install/steps/apply-schema.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { isProblem } from "../../problem.ts";
import { type TestInstallation, testInstallation, testJob } from "../test-installation.ts";
import { binaries, hasPostgres } from "../test-server.ts";
import { writeBackup } from "./backup.ts";
import { keptIn, proveBackup } from "./prove-backup.ts";

let installed: TestInstallation;
test.afterEach(() => installed?.end());

const hands = () => ({ postgres: installed.postgres, machine: localMachine({ stateFolder: installed.paths.state }) });
const place = (name: string) => join(installed.paths.backups, name, installed.database.name);

/** Values that a careless file would spoil, in a table with a name that a careless statement would. */
const awkward = [
  `CREATE TYPE users.mood AS ENUM ('so ''so''')`,
  `CREATE TABLE users."of ""theirs"" here" (id int, "a ""b"" c" text, list text[], doc jsonb, raw bytea, at timestamptz, n numeric, mood users.mood)`,
  `INSERT INTO users."of ""theirs"" here" VALUES (1, E'tab\\there\\nnew line \\\\N back\\\\slash\\rreturn', '{"a,b",NULL,"\\"q\\""}', '{"k": "v\\\\n"}', '\\x00ff', '2025-03-09 02:30+00', 1.50, 'so ''so'''), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, '', '{}', 'null', '', 'infinity', 'NaN', NULL)`,
  "CREATE VIEW users.seen AS SELECT 1 AS one",
];
const relations = ['users.of "theirs" here', "users.seen", "users.trades_0001", "users.trade_preferences_0001"];

for (const major of [18, 15] as const)
  test(`Rows are written down, put back elsewhere and compared on PostgreSQL ${major}`, async () => {
    test.skip(!hasPostgres(major), `PostgreSQL ${major} is not installed here`);
    installed = await testInstallation({ major });
    for (const text of awkward) await installed.database.query(text);
    const backup = await writeBackup(hands(), "admin", place("one"), relations);
    if (!backup) throw new Error("there were rows");
    // Tables without rows are left out, and nobody else may read what was written.
    expect(backup.tables.map(({ name, rows }) => [name, rows])).toEqual([
      ['of "theirs" here', 3],
      ["seen", 1],
      ["trade_preferences_0001", 1],
    ]);
    for (const file of readdirSync(backup.folder)) expect(statSync(join(backup.folder, file)).mode & 0o777).toBe(0o600);
    expect(statSync(backup.folder).mode & 0o777).toBe(0o700);
    expect(await proveBackup(installed.postgres, keptIn(hands().machine, backup))).toBe("a scratch database");
    expect(await installed.database.query("SELECT FROM pg_database WHERE datname LIKE 'rec_io_setup_proof%'")).toEqual(
      [],
    );

    // A file that lost a byte is found out before anything is changed.
    const file = join(backup.folder, backup.tables[0]?.file ?? "");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.replace("tab\\there", "tab here"));
    const thrown = await proveBackup(installed.postgres, keptIn(hands().machine, backup)).catch(
      (error: unknown) => error,
    );
    expect(isProblem(thrown) && thrown.code).toBe("backup.not-restorable");
    writeFileSync(file, whole);

    // psql alone puts it back too.
    const psql = join(binaries(15), "psql");
    if (existsSync(psql)) {
      const { server } = installed;
      const other = await server.database();
      const env = { PATH: "/usr/bin:/bin", PGPASSWORD: server.adminPassword } as unknown as NodeJS.ProcessEnv;
      execFileSync(
        psql,
        [
          "-v",
          "ON_ERROR_STOP=1",
          "-qf",
          "restore.sql",
          "-h",
          server.host,
          "-p",
          String(server.port),
          "-U",
          "postgres",
          other.name,
        ],
        { cwd: backup.folder, env, stdio: "pipe" },
      );
      expect(await other.query(`SELECT raw, list, n::text FROM users."of ""theirs"" here" WHERE id = 1`)).toEqual(
        await installed.database.query(`SELECT raw, list, n::text FROM users."of ""theirs"" here" WHERE id = 1`),
      );
      await other.drop();
    }
  });

test("Where nobody may make a database, the proof is a transaction that is rolled back", async () => {
  installed = await testInstallation();
  const backup = await writeBackup(hands(), "installer", place("two"), relations);
  if (!backup) throw new Error("there were rows");
  const { postgres } = installed;
  const withoutAdmin = {
    ...postgres,
    query: (as, ...rest) => postgres.query(as === "admin" ? "app" : as, ...rest),
  } as typeof postgres;
  expect(await proveBackup(withoutAdmin, keptIn(hands().machine, backup))).toBe("a transaction that was rolled back");
  expect(await installed.database.query("SELECT FROM pg_namespace WHERE nspname LIKE 'rec_io_setup_proof%'")).toEqual(
    [],
  );
});

test("Before a table with rows is changed its rows are kept; where none would be touched nothing is written", async () => {
  installed = await testInstallation();
  const step = applySchema(installed.answers);
  await installed.database.query("DROP TABLE live_data.watchlist_btc");
  expect((await step.describe(installed.world)).map(({ target }) => target)).not.toContain(installed.paths.backups);
  expect((await step.run(installed.world, testJob())).backup).toBeUndefined();

  await installed.database.query(
    "UPDATE users.trade_preferences_0001 SET trade_strategy = E'my\\town'; ALTER TABLE users.trade_preferences_0001 DROP COLUMN multiplier",
  );
  const described = await step.describe(installed.world);
  expect(described[0]).toMatchObject({
    what: "folder",
    target: installed.paths.backups,
    detail: expect.stringContaining("users.trade_preferences_0001"),
  });
  const job = testJob();
  const receipt = await step.run(installed.world, job);
  expect(job.lines.join()).toMatch(
    /1 row of 1 table kept in .*put back in a scratch database: counts and hashes are equal/,
  );
  expect(readFileSync(join(receipt.backup ?? "", "restore.sql"), "utf8")).toContain(
    'CREATE TABLE "users"."trade_preferences_0001"',
  );
  expect(readFileSync(join(receipt.backup ?? "", "1.users.trade_preferences_0001.copy"), "utf8")).toContain("my\\town");
});
