import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { type Answers, answers as answersSchema } from "../install/answers.ts";
import { applySchema } from "../install/steps/apply-schema.ts";
import { holdNewOrders } from "../install/steps/hold-new-orders.ts";
import { restoreBackup } from "../install/steps/restore-backup.ts";
import { smallDisk } from "../machine/test-disk.ts";
import { tradingState } from "../postgres/order-lock.ts";
import { lookAt, type TestInstallation, testInstallation, testJob } from "../postgres/test-installation.ts";
import { binaries, hasPostgres } from "../postgres/test-server.ts";
import { isProblem } from "../problem.ts";
import { tradingDoor } from "../runtime/trading.ts";
import type { World } from "../world.ts";
import { makeBackup } from "./make-backup.ts";
import { openBackup } from "./open-backup.ts";

const folder = join(tmpdir(), `rec-move-${randomUUID()}`);
// Made when a test of this file runs, not wherever the file is only read.
test.beforeAll(() => mkdirSync(folder, { mode: 0o700 }));
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));
let old: TestInstallation;
let other: TestInstallation;
test.afterEach(async () => {
  await old?.end();
  await other?.end();
});

const passphrase = "a long passphrase ö";
const asked = (given: Answers, out: string) => ({
  answers: given,
  out,
  passphrase,
  version: "test",
  signal: new AbortController().signal,
});

/** A world whose checkout is a folder with a key and a commit in it. */
function worldOf(installed: TestInstallation): World {
  const root = join(folder, "checkout");
  const credentials = () => join(root, "credentials");
  if (!existsSync(root)) {
    mkdirSync(credentials(), { recursive: true });
    writeFileSync(join(credentials(), "kalshi.pem"), "PEM of a key\n");
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.org", ...args], {
        cwd: root,
        stdio: "pipe",
      });
    git("init", "-q");
    git("commit", "-q", "--allow-empty", "-m", "one");
    git("remote", "add", "origin", "https://ada:secret@example.org/rec_io.git");
  }
  const world = {
    ...installed.world,
    checkout: { root, credentials },
    kalshi: { withoutKey: false, environment: "demo" },
  };
  return world as unknown as World;
}

const keyed = (installed: TestInstallation) =>
  answersSchema.parse({
    ...installed.answers,
    kalshi: { kind: "key", environment: "demo", keyId: "00000000-0000-4000-8000-000000000001" },
  });

const fill = [
  "INSERT INTO users.trade_logs_0001 (message) VALUES ('one'), (E'two\\n\\\\N\\t''')",
  "UPDATE users.trade_preferences_0001 SET multiplier = 7",
  "ALTER TABLE users.trade_logs_0001 ADD COLUMN of_theirs text; UPDATE users.trade_logs_0001 SET of_theirs = 'kept'",
  "CREATE SCHEMA theirs; CREATE TYPE theirs.mood AS ENUM ('so', 'not so')",
  `CREATE TABLE theirs."odd ""name" (id serial PRIMARY KEY, m theirs.mood, at timestamptz, f float8, b bytea)`,
  `INSERT INTO theirs."odd ""name" (m, at, f, b) SELECT 'so', now(), random(), '\\x00ff' FROM generate_series(1, 5000)`,
  "CREATE VIEW theirs.seen AS SELECT 1 AS one",
  `ALTER SCHEMA theirs OWNER TO rec_io_user; ALTER TABLE theirs."odd ""name" OWNER TO rec_io_user`,
  "CREATE TABLE theirs.closed (x int)",
];
const kept = ["users.trade_logs_0001", "users.trade_preferences_0001", `theirs."odd ""name"`];
const printOf = async ({ database }: TestInstallation) => {
  const prints = [];
  for (const name of kept)
    prints.push(
      ...(await database.query(
        `SELECT count(*)::int AS rows, sum(hashtextextended(t::text, 0))::text AS hash FROM ${name} t`,
      )),
    );
  return prints;
};

// From the older server where there is one: there pg_dump writes down what is no row.
const [from, to] = [hasPostgres(15) ? 15 : 18, 18] as const;

test(`An installation on PostgreSQL ${from} becomes another one on ${to}, locked until its person says that the first is stopped`, async () => {
  test.setTimeout(180_000);
  if (from === 15) process.env.PATH = `${binaries(15)}:${process.env.PATH}`;
  old = await testInstallation({ major: from });
  for (const text of fill) await old.database.query(text);
  const out = join(folder, `moved-${from}`);
  const made = await makeBackup(worldOf(old), asked(keyed(old), out));
  expect(made).toMatchObject({
    provenIn: "a scratch database",
    withKey: true,
    leftOut: [expect.stringContaining("theirs.closed")],
  });
  expect(made.checkout).toMatchObject({
    remote: "https://example.org/rec_io.git",
    commit: expect.stringMatching(/^[0-9a-f]{40}$/),
  });
  expect(made.database).toMatch(from === 15 ? /pg_dump 15\.\d+ wrote down the rest/ : /pg_dump/);
  expect([statSync(out).mode & 0o777, statSync(out).size]).toEqual([0o600, made.bytes]);
  expect(readFileSync(out).includes("trade_logs")).toBe(false);
  expect(readdirSync(old.paths.backups)).not.toContain("moving");
  await expect(makeBackup(worldOf(old), asked(keyed(old), out))).rejects.toMatchObject({
    code: "backup.file-exists",
  });

  other = await testInstallation({ major: to, upTo: "roles" });
  const world = worldOf(other);
  const { machine, paths, postgres } = other.world;
  const opened = await openBackup(machine, out, passphrase, paths.opened);
  expect(opened.kalshiPrivateKey).toBe("PEM of a key\n");
  expect(opened.manifest.answers.kalshi).toMatchObject({ keyId: "00000000-0000-4000-8000-000000000001" });
  await applySchema(other.answers).run(world, testJob());
  const step = restoreBackup({ madeAt: opened.manifest.madeAt, machine: opened.manifest.machine });
  expect((await lookAt(step, world))[0]?.level).toBe("fail");
  expect((await step.describe(world))[0]?.detail).toContain("compared by count and hash");
  const receipt = await step.run(world, testJob());
  expect((await lookAt(step, world))[0]?.level).toBe("ok");
  expect(await printOf(other)).toEqual(await printOf(old));
  expect(receipt.made).toEqual(['theirs.odd "name']);
  // The counters go on behind the rows that came.
  const [next] = await other.database.query(`INSERT INTO theirs."odd ""name" (m) VALUES ('so') RETURNING id`);
  expect(next).toEqual({ id: 5001 });
  await other.database.query(`DELETE FROM theirs."odd ""name" WHERE id = 5001`);
  // A second time finds every row there, and one row more is not of the backup.
  expect(await step.run(world, testJob())).toMatchObject({ made: [], filled: [] });
  await other.database.query("INSERT INTO users.trade_logs_0001 (message) VALUES ('another')");
  await expect(step.run(world, testJob())).rejects.toMatchObject({ code: "backup.table-occupied" });

  await holdNewOrders(other.answers).run(world, testJob());
  expect((await tradingState(postgres)).mode).toBe("none");
  const trading = tradingDoor({ world: () => world, isInstalled: () => true, changed: () => undefined });
  await trading.lock();
  expect((await trading.state()).mode).toBe("none");
  await expect(trading.release("manual", "release", true)).rejects.toMatchObject({
    code: "trading.move-not-confirmed",
  });
  await expect(trading.confirmMove("yes")).rejects.toMatchObject({ code: "trading.not-confirmed" });
  expect(await trading.state()).toMatchObject({ mode: "none", movedFrom: { madeAt: opened.manifest.madeAt } });
  // A record that was torn by a crash is no permission.
  const record = readFileSync(paths.moved);
  writeFileSync(paths.moved, record.subarray(0, 20));
  await expect(trading.release("manual", "release", true)).rejects.toMatchObject({
    code: "trading.move-not-confirmed",
  });
  await trading.lock();
  expect((await trading.state()).mode).toBe("none");
  writeFileSync(paths.moved, record);
  await trading.confirmMove("stopped");
  expect((await trading.state()).mode).toBe("close-only");
  expect((await trading.state()).movedFrom).toBeUndefined();
  await trading.release("manual", "release", true);
  expect((await trading.state()).mode).toBe("manual");
  if ("takeBack" in step.undo) await step.undo.takeBack(world, receipt, testJob());
  expect(existsSync(paths.moved)).toBe(false);
  await machine.files.removeTree(paths.opened);
  await old.end();
  await other.end();
});

test("What stands in the way of a backup is told before anything is written", async () => {
  old = await testInstallation();
  const code = (change: Partial<ReturnType<typeof asked>>) =>
    makeBackup(worldOf(old), { ...asked(keyed(old), join(folder, "never")), ...change }).then(
      () => "made",
      (thrown: unknown) => (isProblem(thrown) ? thrown.code : String(thrown)),
    );
  expect(await code({ passphrase: "short" })).toBe("backup.passphrase-too-short");
  expect(await code({ out: join(folder, "no", "folder") })).toBe("backup.folder-missing");
  const pem = join(folder, "checkout/credentials/kalshi.pem");
  const text = readFileSync(pem);
  rmSync(pem);
  expect(await code({})).toBe("backup.key-missing");
  writeFileSync(pem, text);
  chmodSync(pem, 0o600);
  const disk = smallDisk();
  if (disk)
    try {
      expect(await code({ out: join(disk.folder, "full") })).toBe("backup.no-space");
      expect(readdirSync(disk.folder)).toEqual([]);
    } finally {
      disk.end();
    }
  expect(existsSync(join(folder, "never"))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
});
