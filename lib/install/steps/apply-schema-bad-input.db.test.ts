import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { fillUp, smallDisk } from "../../machine/test-disk.ts";
import { lookAt, type TestInstallation, testInstallation, testJob } from "../../postgres/test-installation.ts";
import { type TestServer, testPostgres } from "../../postgres/test-server.ts";
import { isProblem } from "../../problem.ts";
import { applySchema } from "./apply-schema.ts";

let installed: TestInstallation;
let own: TestServer | undefined;
let disk: ReturnType<typeof smallDisk>;
test.afterEach(async () => {
  await installed?.end();
  await own?.stop();
  own = undefined;
  disk?.end();
  disk = undefined;
});

const catalogue = () =>
  installed.database.query(
    "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns WHERE table_schema IN ('users', 'live_data', 'system', 'analytics', 'historical_data') ORDER BY 1, 2, 3",
  );
const level = async () => (await lookAt(applySchema(installed.answers), installed.world)).map((one) => one.level);

test("A disk that fills in the middle of the apply leaves the database as it was, and with room it is done", async () => {
  test.setTimeout(120_000);
  disk = smallDisk("64m");
  test.skip(disk === undefined, "A file system cannot be mounted here.");
  if (!disk) return;
  const server = await testPostgres({ own: true });
  own = server;
  installed = await testInstallation({ server });
  const { database } = installed;
  const place = join(disk.folder, "space");
  mkdirSync(place, { mode: 0o700 });
  const admin = await server.database();
  await admin.query(`CREATE TABLESPACE small LOCATION '${place}'`);
  await installed.postgres.forget();
  await admin.query(`ALTER DATABASE ${database.name} SET TABLESPACE small`);
  // A table of the wrong shape is made anew with its rows, so the apply wants as much room again.
  await database.query("ALTER TABLE users.trade_logs_0001 ADD demanded text NOT NULL DEFAULT repeat('x', 200)");
  await database.query(
    "INSERT INTO users.trade_logs_0001 (message) SELECT repeat('m', 200) FROM generate_series(1, 20000)",
  );
  await database.query(
    "ALTER TABLE users.trade_logs_0001 ALTER demanded DROP DEFAULT; ALTER TABLE users.trade_logs_0001 ALTER message TYPE varchar(300)",
  );
  await database.query("ALTER TABLE users.fills_0001 ALTER side TYPE bytea USING NULL");
  const rows = await database.query(
    "SELECT count(*)::int AS n, sum(hashtextextended(message, 0))::text AS h FROM users.trade_logs_0001",
  );
  const before = await catalogue();
  expect(await level()).toContain("fail");
  const filler = join(disk.folder, "filler");
  fillUp(filler);
  const thrown = await applySchema(installed.answers)
    .run(installed.world, testJob())
    .catch((error: unknown) => error);
  expect(isProblem(thrown) && [thrown.code, thrown.says]).toEqual([
    "database.disk-full",
    expect.stringMatching(/disk.*full/),
  ]);
  expect(await catalogue()).toEqual(before);
  rmSync(filler);
  await applySchema(installed.answers).run(installed.world, testJob());
  expect(await level()).not.toContain("fail");
  expect(
    await database.query(
      "SELECT count(*)::int AS n, sum(hashtextextended(message, 0))::text AS h FROM users.trade_logs_0001",
    ),
  ).toEqual(rows);
});

test("A view in a table's place, a schema of somebody's, names that want quotes, and values without a place in the right type", async () => {
  installed = await testInstallation();
  const { database } = installed;
  for (const text of [
    "CREATE ROLE stranger",
    `CREATE SCHEMA "of ""theirs"" here" AUTHORIZATION stranger; CREATE TABLE "of ""theirs"" here"."a table" ("x y" int)`,
    `INSERT INTO "of ""theirs"" here"."a table" VALUES (1)`,
    `ALTER TABLE users.trade_logs_0001 ADD "their ""own"" column" text DEFAULT 'kept'`,
    "INSERT INTO users.trade_logs_0001 (message) VALUES ('one')",
    "ALTER TABLE live_data.watchlist_btc RENAME TO of_before; CREATE VIEW live_data.watchlist_btc AS SELECT * FROM live_data.of_before",
    "ALTER SCHEMA live_data OWNER TO stranger",
    "ALTER TABLE users.fills_0001 ALTER yes_price TYPE text",
    "INSERT INTO users.fills_0001 (ticker, yes_price) VALUES ('T', '0.5')",
  ])
    await database.query(text);
  const objects = async () =>
    (await lookAt(applySchema(installed.answers), installed.world)).flatMap((one) => one.objects ?? []);
  expect(await objects()).toEqual(
    expect.arrayContaining(["live_data", "live_data.watchlist_btc", "users.fills_0001.yes_price"]),
  );
  await applySchema(installed.answers).run(installed.world, testJob());
  expect(await objects()).toEqual([]);
  expect(await database.query(`SELECT "their ""own"" column" AS own FROM users.trade_logs_0001`)).toEqual([
    { own: "kept" },
  ]);
  expect(await database.query(`SELECT "x y" AS x FROM "of ""theirs"" here"."a table"`)).toEqual([{ x: 1 }]);
  expect(await database.query("SELECT ticker, yes_price FROM users.fills_0001")).toEqual([
    { ticker: "T", yes_price: 0.5 },
  ]);

  // A value that is no number stops it, and is named; nothing is half done.
  await database.query(
    "ALTER TABLE users.fills_0001 ALTER yes_price TYPE text; UPDATE users.fills_0001 SET yes_price = 'five'",
  );
  const before = await catalogue();
  const thrown = await applySchema(installed.answers)
    .run(installed.world, testJob())
    .catch((error: unknown) => error);
  expect(isProblem(thrown) && [thrown.code, thrown.says]).toEqual([
    "schema.rows-do-not-fit",
    expect.stringContaining("users.fills_0001"),
  ]);
  expect(await catalogue()).toEqual(before);
  expect(await database.query("SELECT yes_price FROM users.fills_0001")).toEqual([{ yes_price: "five" }]);
});
