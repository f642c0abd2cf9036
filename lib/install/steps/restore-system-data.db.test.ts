import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "playwright/test";
import { scriptOf } from "../../clone/dump/dump-file.ts";
import { contents, makeSource } from "../../clone/test-ends.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { lookAt, type TestInstallation, testInstallation, testJob } from "../../postgres/test-installation.ts";
import { binaries, hasPostgres, testPostgres } from "../../postgres/test-server.ts";
import { isProblem } from "../../problem.ts";
import type { World } from "../../world.ts";
import { restoreSystemData } from "./restore-system-data.ts";

const clientPrograms = binaries(15);
const folder = join(tmpdir(), `rec-dumps-${randomUUID()}`);
const at = (name: string) => join(folder, name);
let installed: TestInstallation;
test.afterEach(() => installed?.end());
// Made when a test of this file runs, not wherever the file is only read.
test.beforeAll(() => mkdirSync(folder, { mode: 0o700 }));
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

const filled = ["analytics.btc_fingerprint_directional_momentum_-14", "live_data.computed"];

/** The dumps of a database as people have them. */
async function makeDumps(): Promise<object> {
  const server = await testPostgres({ major: 15 });
  const source = await server.database();
  await makeSource(source);
  await source.query("CREATE TABLE public.of_theirs (x int); INSERT INTO public.of_theirs VALUES (1)");
  const env = { PATH: "/usr/bin:/bin", PGPASSWORD: server.adminPassword } as unknown as NodeJS.ProcessEnv;
  const login = ["-h", server.host, "-p", String(server.port), "-U", "postgres", source.name];
  const dump = (file: string, ...args: string[]) =>
    execFileSync(join(clientPrograms, "pg_dump"), [...args, "-f", at(file), ...login], { env });
  dump("one.dump", "-Fc");
  dump("one.sql");
  dump("one.tar", "-Ft");
  dump("theirs.sql", "-n", "public");
  execFileSync("tar", ["-czf", at("one.tar.gz"), "-C", folder, "one.dump"]);
  execFileSync("tar", ["-czf", at("two.tar.gz"), "-C", folder, "one.dump", "one.sql"]);
  writeFileSync(at("sql.tar.gz"), "");
  execFileSync("tar", ["-czf", at("sql.tar.gz"), "-C", folder, "one.sql"]);
  writeFileSync(at("one.sql.gz"), gzipSync(readFileSync(at("one.sql"))));
  const rows = await contents(source, filled);
  await source.drop();
  return rows;
}

const stepFor = (name: string) => restoreSystemData({ kind: "backup", file: at(name), occupied: "keep" });
const world = (): World => ({ ...installed.world, settings: { home: "/" } }) as World;
const scratchLeft = () =>
  installed.database.query(
    "SELECT datname AS name FROM pg_database WHERE datname LIKE 'rec_io_setup_restore%' UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'rec_io_setup_restore%'",
  );

async function says(name: string): Promise<string> {
  const step = stepFor(name);
  try {
    await step.describe(world());
    await step.run(world(), testJob());
  } catch (thrown) {
    if (isProblem(thrown)) return `${thrown.code}: ${thrown.says.replaceAll(folder, "")}`;
    throw thrown;
  }
  return "nothing";
}

test("A backup of the person's own, whatever its form, is read elsewhere and its rows are taken over", async () => {
  test.skip(
    !hasPostgres(15) || !existsSync(join(clientPrograms, "pg_dump")),
    "PostgreSQL 15 with its client programs is not installed here",
  );
  // The step asks pg_restore, which is on the person's PATH or where Debian installs it.
  process.env.PATH = `${clientPrograms}:${process.env.PATH}`;
  test.setTimeout(180_000);
  const rows = await makeDumps();
  for (const name of ["one.dump", "sql.tar.gz"]) {
    installed = await testInstallation();
    const step = stepFor(name);
    expect((await lookAt(step, world()))[0]?.level).toBe("fail");
    const described = await step.describe(world());
    expect(described[0]).toMatchObject({ what: "database", detail: expect.stringContaining(at(name)) });
    const receipt = await step.run(world(), testJob());
    expect(await contents(installed.database, filled), name).toEqual(rows);
    expect(["ok", "warn"]).toContain((await lookAt(step, world()))[0]?.level);
    expect(await scratchLeft()).toEqual([]);
    expect(readdirSync(installed.paths.backups)).not.toContain("reading");
    if (name === "one.dump" && "takeBack" in step.undo) {
      await step.undo.takeBack(world(), receipt, testJob());
      expect((await lookAt(step, world()))[0]?.level).toBe("fail");
    }
    await installed.end();
  }

  // The other forms come to the same text.
  const machine = localMachine({ stateFolder: folder });
  for (const name of ["one.tar", "one.sql.gz", "one.tar.gz"]) {
    const reading = mkdtempSync(join(folder, "reading-"));
    const script = await scriptOf(machine, at(name), reading, new AbortController().signal);
    expect(readFileSync(script, "utf8"), name).toContain('COPY analytics."btc_fingerprint_directional_momentum_-14" (');
  }

  // What cannot be used says why in one sentence, and leaves everything as it was.
  installed = await testInstallation();
  writeFileSync(at("cut.dump"), readFileSync(at("one.dump")).subarray(0, 20_000));
  writeFileSync(at("cut.sql"), readFileSync(at("one.sql")).subarray(0, 30_000));
  writeFileSync(at("cut.tar.gz"), readFileSync(at("one.tar.gz")).subarray(0, 20_000));
  writeFileSync(at("picture.dump"), Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"));
  writeFileSync(at("empty.sql"), "");
  writeFileSync(at("key.sql"), "-----BEGIN PRIVATE KEY-----\nQUJDQUJD\n-----END PRIVATE KEY-----\n");
  writeFileSync(at("words.sql.gz"), gzipSync("these are only words\n"));
  writeFileSync(at("latin.sql"), "SET client_encoding = 'LATIN1';\nCREATE TABLE analytics.a (x int);\n");
  expect(await says("missing.dump")).toBe("dump.not-there: There is no file /missing.dump.");
  expect(await says("cut.dump")).toMatch(/^dump\.damaged: The backup \/cut\.dump is damaged or cut off: .+\.$/);
  expect(await says("cut.sql")).toBe(
    "dump.damaged: The backup /cut.sql is damaged or cut off: the last line that pg_dump writes is missing.",
  );
  expect(await says("cut.tar.gz")).toMatch(/^dump\.damaged: The backup \/cut\.tar\.gz is damaged or cut off: .+\.$/);
  expect(await says("two.tar.gz")).toBe("dump.several: /two.tar.gz holds more than one backup: one.dump and one.sql.");
  for (const name of ["picture.dump", "empty.sql", "key.sql", "words.sql.gz"])
    expect(await says(name)).toMatch(/^dump\.wrong-format: .* is no backup that pg_dump made/);
  expect(await says("theirs.sql")).toBe(
    "dump.other-schema: The backup /theirs.sql holds no rows of analytics, historical_data, live_data; what it holds is of public.",
  );
  expect(await says("latin.sql")).toMatch(/^dump\.other-encoding: .*LATIN1/);
  expect(await scratchLeft()).toEqual([]);
  expect(
    await installed.database.query(
      "SELECT to_regclass('analytics.empty') AS one, to_regnamespace('clone_state') AS two",
    ),
  ).toEqual([{ one: null, two: null }]);
});

test("Nothing that a backup says is done to anybody: no program, no role, no table but those of its own", async () => {
  installed = await testInstallation();
  const sign = at("never");
  writeFileSync(
    at("evil.sql"),
    [
      "CREATE SCHEMA analytics;",
      `\\! touch ${sign}`,
      `\\copy (SELECT 1) TO PROGRAM 'touch ${sign}'`,
      `COPY (SELECT 1) TO PROGRAM 'touch ${sign}';`,
      "\\connect rec_io_db",
      "DROP TABLE users.trades_0001 CASCADE;",
      "UPDATE users.auto_trade_settings_0001 SET auto_entry = true;",
      "CREATE ROLE evil SUPERUSER LOGIN;",
      "ALTER ROLE rec_io_user SUPERUSER;",
      `DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch ${sign}'''; END $$;`,
      "CREATE FUNCTION analytics.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users.trades_0001; RETURN NEW; END $$;",
      "CREATE TABLE analytics.good (id int, word text);",
      "CREATE TRIGGER t BEFORE INSERT ON analytics.good FOR EACH ROW EXECUTE FUNCTION analytics.f();",
      "CREATE TABLE analytics.bad (id int DEFAULT analytics.nothing());",
      "COPY analytics.good (id, word) FROM stdin;",
      "1\tone; DROP TABLE users.trades_0001;",
      "\\.",
      "COPY users.trades_0001 (id) FROM stdin;",
      "99\n\\.",
      "",
    ].join("\n"),
  );
  const before = await installed.database.query("SELECT * FROM users.trades_0001");
  const job = testJob();
  await stepFor("evil.sql").run(world(), job);
  expect(await installed.database.query("SELECT * FROM analytics.good")).toEqual([
    { id: 1, word: "one; DROP TABLE users.trades_0001;" },
  ]);
  expect(existsSync(sign)).toBe(false);
  expect(await installed.database.query("SELECT * FROM users.trades_0001")).toEqual(before);
  expect(await installed.database.query("SELECT auto_entry FROM users.auto_trade_settings_0001")).toEqual([
    { auto_entry: false },
  ]);
  expect(await installed.database.query("SELECT FROM pg_roles WHERE rolname = 'evil'")).toEqual([]);
  expect(await installed.database.query("SELECT rolsuper FROM pg_roles WHERE rolname = 'rec_io_user'")).toEqual([
    { rolsuper: false },
  ]);
  expect(
    await installed.database.query("SELECT proname FROM pg_proc WHERE pronamespace = 'analytics'::regnamespace"),
  ).toEqual([]);
  // A table that could not be made is told, for as long as it is missing.
  const [finding] = await lookAt(stepFor("evil.sql"), world());
  expect(finding).toMatchObject({
    level: "warn",
    evidence: { cameBack: expect.stringContaining("analytics.nothing()") },
  });
  expect(await scratchLeft()).toEqual([]);
});
