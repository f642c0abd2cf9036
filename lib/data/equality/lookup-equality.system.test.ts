import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { buildProbabilityLookup } from "../../install/steps/build-probability-lookup.ts";
import { projectRoot } from "../../paths.ts";
import { archiveFolder, newestArchive } from "../fingerprint-archive.ts";
import type { LookupReceipt } from "../lookup-build.ts";
import { fullGrid, type LookupPoint, rowsOf } from "../lookup-grid.ts";
import { asApp, readPoints } from "../lookup-table.ts";
import { dataWorld, testJob } from "../test-world.ts";

const checkout = process.env.RECIO_CHECKOUT;
const points = 1000;

/** A repeatable stream of numbers in [0, 1) (mulberry32), so that a failure can be asked again with its seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test.skip(!checkout, "RECIO_CHECKOUT names no checkout: the lookup is not compared with REC.IO's own calculator.");

test("8,840,181 rows are built in under 60 s and equal the checkout's own calculator at 1,000 random points", async () => {
  test.setTimeout(600_000);
  if (!checkout) throw new Error("unreachable: the test is skipped without a checkout");
  const status = () => execFileSync("git", ["-C", checkout, "status", "--porcelain"], { encoding: "utf8" });
  const cleanBefore = status();
  const world = await dataWorld({ root: checkout });
  try {
    const { job, heard } = testJob<LookupReceipt>();
    const startedAt = performance.now();
    const receipt = await buildProbabilityLookup().run(world, job);
    const seconds = (performance.now() - startedAt) / 1000;
    expect(receipt.rows).toBe(8_840_181);
    expect(rowsOf(fullGrid)).toBe(8_840_181);

    const seed = Number(process.env.RECIO_SEED ?? randomInt(2 ** 31));
    const next = numbers(seed);
    const asked = Array.from(
      { length: points },
      (): LookupPoint => ({
        ttc: 5 * Math.floor(next() * 721),
        buffer: 10 * Math.floor(next() * 201),
        bucket: Math.floor(next() * 61) - 30,
      }),
    );
    const [database] = await world.sql("SELECT current_database() AS name");
    const out = execFileSync("/usr/bin/python3", ["-B", join(projectRoot(), "lib/data/equality/ask_calculator.py")], {
      input: JSON.stringify({
        checkout,
        archive: join(checkout, archiveFolder, String(await newestArchive(world))),
        host: world.server.host,
        port: world.server.port,
        database: database?.name,
        user: "postgres",
        password: world.server.adminPassword,
        points: asked.map(({ ttc, buffer, bucket }) => [ttc, buffer, bucket]),
      }),
      encoding: "utf8",
      cwd: world.paths.state,
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const theirs = JSON.parse(out.trim().split("\n").at(-1) ?? "") as [number, number][];
    const ours = await readPoints(asApp(world.postgres), asked);
    // Ours are rounded to two decimals, as the column is; at an exact half the two may round to different sides.
    const apart = ours.flatMap((value, index) =>
      [0, 1].map((side) =>
        Math.abs((value?.[side] ?? Number.NaN) / 100 - Math.round((theirs[index]?.[side] ?? Number.NaN) * 100) / 100),
      ),
    );
    const most = Math.max(...apart);
    const differing = apart.filter((difference) => difference > 1e-9).length;
    console.log(
      `${receipt.rows} rows in ${seconds.toFixed(1)} s (${heard.progress.length} progress calls); seed ${seed}; ` +
        `${apart.length} values, ${differing} rounded to the other side, largest difference ${most.toFixed(4)}`,
    );
    expect(apart).toHaveLength(2 * points);
    expect(most).toBeLessThanOrEqual(0.01 + 1e-9);
    expect(differing).toBeLessThan(points / 20);
    expect(seconds).toBeLessThan(60);
    expect(status()).toBe(cleanBefore);
  } finally {
    await world.end();
  }
});
