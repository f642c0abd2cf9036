import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { type CopiedNow, judgeSystemData } from "../health/probes/data/system-data.ts";
import { smallDisk } from "../machine/test-disk.ts";
import { sqlFile } from "../postgres/sql-file.ts";
import { type TestDatabase, testPostgres } from "../postgres/test-server.ts";
import { clone, inspect } from "./clone.ts";
import { clonedSchemas } from "./table.ts";
import { contents, endsOf, makeSource, makeTarget, quiet } from "./test-ends.ts";
import { openLink, type TestLink } from "./test-link.ts";

const big = "historical_data.prices";
const name = "source.test:5432/rec_io_db";
const tables = `
CREATE TABLE ${big} (id int PRIMARY KEY, note text);
INSERT INTO ${big} SELECT n, repeat('canary-value ', 20) || n FROM generate_series(1, 60000) n;
CREATE TABLE analytics.small (a int PRIMARY KEY);
INSERT INTO analytics.small SELECT generate_series(1, 100);
`;

let source: TestDatabase;
let target: TestDatabase;
let link: TestLink;
test.beforeEach(async () => {
  const server = await testPostgres({ major: 15 });
  source = await server.database();
  target = await server.database();
  await makeSource(source, tables);
  await makeTarget(target);
  link = await openLink(server.port);
});
test.afterEach(async () => {
  await link.close();
  await source.drop();
  await target.drop();
});

const copiedNow = () => target.query<CopiedNow>(sqlFile("clone/copied-now.sql"), [name]);
const there = async (table: string) =>
  (await target.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [table]))[0]?.there;

test("a value that changed on the way is found: the table is not put in place, and it is named", async () => {
  const ends = endsOf(source, target, link.port);
  const inspected = await inspect(ends, name);
  let changed = 0;
  link.faults.change = (piece) => {
    const at = changed === 0 ? piece.indexOf("canary-value") : -1;
    if (at < 0) return piece;
    changed++;
    const copy = Buffer.from(piece);
    copy[at] = "C".charCodeAt(0);
    return copy;
  };
  const end = await clone(inspected, quiet(ends, { proof: "deep" }));
  expect(changed).toBe(1);
  expect(end.failed).toEqual([
    { table: big, says: `The contents of ${big} differ from the source's: something changed them on the way.` },
  ]);
  expect(await there(big)).toBe(false);
  expect(end.copied.map((table) => table.name)).toEqual(["small"]);
  // One table came and one did not: what the health page is told of it is no whole copy.
  expect(judgeSystemData(await copiedNow(), name).says).toBe(
    `The copy from ${name} is not whole: 1 tables have come so far.`,
  );
  const [line] = await source.query("SELECT status, tables_cloned, error_message FROM system.installation_access_log");
  expect(line).toMatchObject({ status: "failed", tables_cloned: 1, error_message: end.failed[0]?.says });
});

test("a link that breaks is opened again, and the table starts anew", async () => {
  const ends = endsOf(source, target, link.port);
  const inspected = await inspect(ends, name);
  let broken = 0;
  const again: string[] = [];
  const end = await clone(
    inspected,
    quiet(ends, {
      progress: (progress, event) => {
        if (event.kind === "again") again.push(event.table);
        if (broken > 0 || progress.bytes < 1_000_000) return;
        broken++;
        link.cut();
      },
    }),
  );
  expect(broken).toBe(1);
  expect(again).toContain(big);
  expect(end.failed).toEqual([]);
  expect(await contents(target, [big])).toEqual(await contents(source, [big]));
});

test("cancelled, a copy is over in two seconds and leaves no half table", async () => {
  link.faults.bytesPerSecond = 2_000_000;
  const ends = endsOf(source, target, link.port);
  const inspected = await inspect(ends, name);
  const given = new AbortController();
  let cancelledAt = 0;
  await expect(
    clone(
      inspected,
      quiet(ends, {
        signal: given.signal,
        progress: ({ bytes }) => {
          if (bytes < 500_000 || given.signal.aborted) return;
          cancelledAt = performance.now();
          given.abort(new Error("The person cancelled."));
        },
      }),
    ),
  ).rejects.toThrow("The person cancelled.");
  expect(performance.now() - cancelledAt).toBeLessThan(2000);
  expect(await there(big)).toBe(false);
  link.faults.bytesPerSecond = 0;
  const end = await clone(await inspect(ends, name), quiet(ends));
  expect(end.failed).toEqual([]);
  expect(judgeSystemData(await copiedNow(), name).level).toBe("ok");
  expect(await contents(target, [big])).toEqual(await contents(source, [big]));
});

test("cancelled while the link stalls, a copy is over all the same", async () => {
  const ends = endsOf(source, target, link.port);
  const given = new AbortController();
  let cancelledAt = 0;
  const inspected = await inspect(ends, name);
  const copying = clone(
    inspected,
    quiet(ends, {
      signal: given.signal,
      progress: ({ bytes }) => {
        if (bytes < 300_000 || link.faults.stalled) return;
        link.faults.stalled = true;
        setTimeout(() => {
          cancelledAt = performance.now();
          given.abort(new Error("The person cancelled."));
        }, 50);
      },
    }),
  );
  await expect(copying).rejects.toThrow("The person cancelled.");
  // The goodbyes that nobody answers are given a second each.
  expect(performance.now() - cancelledAt).toBeLessThan(5000);
  expect(await there(big)).toBe(false);
  // The looking before it ends as soon.
  const looking = new AbortController();
  const looked = inspect(ends, name, { signal: looking.signal });
  looking.abort(new Error("The person cancelled."));
  await expect(looked).rejects.toThrow("The person cancelled.");
});

test("a table that disappears meanwhile is named, and the others come", async () => {
  const ends = endsOf(source, target, link.port);
  const inspected = await inspect(ends, name);
  await source.query("DROP TABLE analytics.small");
  const end = await clone(inspected, quiet(ends));
  expect(end.failed).toEqual([{ table: "analytics.small", says: expect.stringContaining("does not exist") }]);
  expect(end.copied.map((table) => table.name)).toEqual(["prices"]);
});

test("what changes at the source meanwhile does not come: all tables are of one moment", async () => {
  link.faults.bytesPerSecond = 8_000_000;
  const ends = endsOf(source, target, link.port);
  const inspected = await inspect(ends, name);
  const before = await contents(source, [big, "analytics.small"]);
  let written: Promise<unknown> | undefined;
  const end = await clone(
    inspected,
    quiet(ends, {
      lanes: 1,
      progress: ({ bytes }) => {
        if (bytes > 200_000) written ??= source.query(`INSERT INTO analytics.small SELECT generate_series(1000, 1100)`);
      },
    }),
  );
  await written;
  expect(end.snapshots).toHaveLength(1);
  expect(await contents(target, [big, "analytics.small"])).toEqual(before);
});

test("a target whose disk is full stops the copy and says so, keeps what was finished, and goes on when there is room", async () => {
  const disk = smallDisk("48m");
  test.skip(!disk, "this user may mount no disk");
  if (!disk) return;
  const place = `full_${target.name}`;
  const full = `copy_${target.name}`;
  try {
    await target.query(`CREATE TABLESPACE ${place} LOCATION '${disk.folder}'`);
    await target.query(`CREATE DATABASE ${full} TEMPLATE template0 TABLESPACE ${place}`);
    const uri = target.uri().replace(target.name, full);
    const onDisk = { ...target, name: full, uri: () => uri };
    const client = await endsOf(source, onDisk).target();
    for (const schema of clonedSchemas) await client.query(`CREATE SCHEMA ${schema}`);
    const ends = endsOf(source, onDisk, link.port);
    appendFileSync(join(disk.folder, "taken"), Buffer.alloc(26_000_000));
    await expect(clone(await inspect(ends, name), quiet(ends))).rejects.toMatchObject({ code: "clone.disk-full" });
    const half = await client.query("SELECT to_regclass($1) IS NULL AS absent", [big]);
    expect(half.rows).toEqual([{ absent: true }]);
    rmSync(join(disk.folder, "taken"));
    const end = await clone(await inspect(ends, name), quiet(ends));
    expect(end.failed).toEqual([]);
    const rows = await client.query(`SELECT count(*)::int AS n FROM ${big}`);
    expect(rows.rows).toEqual([{ n: 60_000 }]);
    await client.end();
  } finally {
    await target.query(`DROP DATABASE IF EXISTS ${full} WITH (FORCE)`);
    await target.query(`DROP TABLESPACE IF EXISTS ${place}`);
    disk.end();
  }
});

test("a source that falls silent is said after ten seconds", async () => {
  test.setTimeout(60_000);
  const ends = endsOf(source, target, link.port);
  const inspected = await inspect(ends, name);
  const said: number[] = [];
  const end = await clone(
    inspected,
    quiet(ends, {
      progress: ({ bytes }, event) => {
        if (event.kind === "silence") {
          said.push(event.seconds);
          link.faults.stalled = false;
        } else if (bytes > 500_000 && said.length === 0) link.faults.stalled = true;
      },
    }),
  );
  expect(said[0]).toBeGreaterThanOrEqual(10);
  expect(end.failed).toEqual([]);
});
