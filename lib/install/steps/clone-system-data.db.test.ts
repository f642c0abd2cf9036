import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { contents, makeSource, readerPassword } from "../../clone/test-ends.ts";
import { notConsented } from "../../engine/consent.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import { lookAt, type TestInstallation, testInstallation, testJob } from "../../postgres/test-installation.ts";
import { hasPostgres, type TestDatabase, testPostgres } from "../../postgres/test-server.ts";
import type { World } from "../../world.ts";
import { sourceAnswer } from "../answers.ts";
import { cloneSystemData } from "./clone-system-data.ts";

const tables = `
CREATE TABLE analytics."odd -- ""quoted"" -14" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "a ""b" text, doc jsonb);
INSERT INTO analytics."odd -- ""quoted"" -14" ("a ""b", doc) SELECT 'it''s ' || n, '{"n": 1}' FROM generate_series(1, 500) n;
CREATE TABLE analytics.empty (a int);
CREATE DOMAIN analytics.positive AS int CHECK (VALUE > 0);
CREATE TABLE analytics.domains (a analytics.positive);
CREATE TABLE historical_data.nulls (a int, b numeric(18,8), c timestamptz, d text[]);
INSERT INTO historical_data.nulls SELECT CASE WHEN n % 2 = 0 THEN n END, n / 7.0, now(), ARRAY[NULL, n::text] FROM generate_series(1, 2000) n;
`;
const copied = ['analytics.odd -- "quoted" -14', "analytics.empty", "historical_data.nulls"];
const oddPlace = `analytics."odd -- ""quoted"" -14"`;

let source: TestDatabase;
let installed: TestInstallation;
let folder: string;
let world: World;
test.beforeEach(async () => {
  // Two versions, where this machine has both.
  source = await (await testPostgres({ major: hasPostgres(15) ? 15 : 18 })).database();
  await makeSource(source, tables);
  installed = await testInstallation({ upTo: "rows" });
  // Names of its own among the installation's tables, and a state folder that holds nothing of other tests.
  folder = mkdtempSync(join(tmpdir(), "rec-clone-step-"));
  world = { ...installed.world, paths: { ...statePaths(folder), appPassword: installed.paths.appPassword } };
  world = { ...world, machine: localMachine({ stateFolder: folder }) };
});
test.afterEach(async () => {
  await installed.end();
  await source.drop();
  rmSync(folder, { recursive: true, force: true });
});

const stepOf = (occupied: "keep" | "replace" = "keep") =>
  cloneSystemData(
    sourceAnswer.parse({
      kind: "source",
      host: "127.0.0.1",
      port: source.server.port,
      database: source.name,
      sslmode: "disable",
      occupied,
    }),
    installed.answers.person,
    () => readerPassword,
  );
const job = () => ({ ...testJob(), secrets: { sourcePassword: readerPassword } });

test("the copy is missing before and there after, twice is once, and taking it back leaves the rest", async () => {
  const step = stepOf();
  expect((await lookAt(step, world))[0]).toMatchObject({ level: "fail" });
  const shown = await step.describe(world);
  const first = job();
  const receipt = await step.run(world, first);
  // Gone on with, it would change nothing that was not shown.
  expect(notConsented(await step.describe(world), shown)).toEqual([]);
  expect(receipt).toEqual({ made: expect.arrayContaining(copied), filled: [] });
  const [finding] = await lookAt(step, world);
  expect(finding).toMatchObject({
    level: "warn",
    says: expect.stringContaining("1 of the source's tables was left out"),
  });
  expect(first.lines).toContain(
    "analytics.domains is not copied: column a has the type analytics.positive, which is not one of PostgreSQL's own.",
  );
  expect(await contents(installed.database, copied)).toEqual(await contents(source, copied));
  // What is sent says who we are, in the version that really runs.
  const [visit] = await source.query(
    "SELECT user_agent, installation_package_version FROM system.installation_access_log",
  );
  expect(visit).toEqual({
    user_agent: expect.stringMatching(/^rec-io-setup \d+\.\d+\.\d+/),
    installation_package_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });

  const again = job();
  expect(await step.run(world, again)).toEqual({ made: [], filled: [] });
  const rows = await source.query("SELECT count(*)::int AS visits FROM system.installation_access_log");
  expect(rows).toEqual([{ visits: 2 }]);

  if (!("takeBack" in step.undo)) throw new Error("the step takes nothing back");
  const before = await installed.database.query("SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'users'");
  await step.undo.takeBack(world, receipt, job());
  expect(await installed.database.query("SELECT to_regclass($1) IS NULL AS gone", [oddPlace])).toEqual([
    { gone: true },
  ]);
  expect(await installed.database.query("SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'users'")).toEqual(
    before,
  );
  expect((await lookAt(step, world))[0]).toMatchObject({ level: "fail" });
});

test("rows that are here are shown with the counts of both sides, and replaced only where that was agreed", async () => {
  await installed.database.query(
    "CREATE TABLE historical_data.nulls (a int, b numeric(18,8), c timestamptz, d text[])",
  );
  await installed.database.query("INSERT INTO historical_data.nulls (a) SELECT generate_series(1, 40)");
  await installed.database.query("CREATE TABLE analytics.ours (a int); INSERT INTO analytics.ours VALUES (1)");
  await installed.database.query("GRANT ALL ON ALL TABLES IN SCHEMA historical_data, analytics TO rec_io_user");
  await installed.database.query("ALTER TABLE historical_data.nulls OWNER TO rec_io_user; ANALYZE");
  const said = async (step: ReturnType<typeof stepOf>) =>
    (await step.describe(world))
      .filter(({ target }) => target.includes("."))
      .map(({ target, detail }) => [target, detail]);
  const counts = "holds about 40 rows; the source has about 2,000 rows";
  const shown = await said(stepOf());
  expect(shown).toContainEqual(["historical_data.nulls", `${counts}. It keeps its own`]);
  // What the source does not have is no matter of the copy.
  expect(shown.map(([target]) => target)).not.toContain("analytics.ours");
  const replace = stepOf("replace");
  expect(await said(replace)).toContainEqual([
    "historical_data.nulls",
    `${counts}. Its own are kept under a dated name, and the source's take their place`,
  ]);
  await replace.run(world, job());
  expect(await contents(installed.database, copied)).toEqual(await contents(source, copied));
  const kept = await installed.database.query(
    "SELECT n_live_tup FROM pg_stat_user_tables WHERE relname LIKE 'nulls_before_%'",
  );
  expect(kept).toHaveLength(1);
});

test("the source's password is looked for in every file of ours afterwards, and a place that has it is named", async () => {
  const first = job();
  await stepOf().run(world, first);
  expect(first.lines).toContainEqual(
    expect.stringMatching(
      /^The source's password was looked for in \d+ files of this product's, and stands in none\.$/,
    ),
  );
  const left = join(folder, "server.log");
  writeFileSync(left, `connecting to postgres://rec_io_installer:${encodeURIComponent(readerPassword)}@source\n`);
  await expect(stepOf().run(world, job())).rejects.toMatchObject({
    code: "clone.password-left",
    says: `The source's password was left in ${left}.`,
  });
});
