import { expect, test } from "playwright/test";
import {
  buckets,
  coarseGrid,
  fullGrid,
  knownPoints,
  mostBuffer,
  mostTtc,
  rowsOf,
  rowsOfBucket,
} from "../../../data/lookup-grid.ts";
import type { LookupRecord } from "../../../data/lookup-record.ts";
import { type BucketCount, lookupColumns, lookupKey } from "../../../data/lookup-table.ts";
import { judgeHistory } from "./historical-data.ts";
import { judgeLookup, type LookupFacts } from "./lookup.ts";

const grid = coarseGrid(10);
const inBucket = rowsOfBucket(grid);
const counted: BucketCount[] = buckets.map((bucket) => ({
  bucket,
  rows: inBucket,
  rise: 900,
  fall: 800,
  least: 4000,
  most: 9900,
  impossible: 0,
}));
const record: LookupRecord = {
  version: 1,
  origin: "built",
  checksum: "0".repeat(64),
  grid: { ...grid },
  rows: rowsOf(grid),
  buckets: buckets.map((bucket) => [bucket, inBucket, 900, 800]),
  points: [
    [0, 0, 0, 4922, 4941],
    [600, 300, -3, 9000, 9100],
  ],
};
const shape = {
  kind: "r",
  owner: "rec_io_user",
  file: "1",
  comment: null,
  columns: [...lookupColumns, "created_at timestamp without time zone"],
  key: lookupKey,
  writes: "1/0/0",
};
const whole: LookupFacts = {
  shape,
  record,
  values: [
    [4922, 4941],
    [9000, 9100],
  ],
  counted,
  countAgeMs: 180_000,
};
const judge = (changed: Partial<LookupFacts>, wanted = true) => judgeLookup({ ...whole, ...changed }, { grid, wanted });

test("the full grid has 8,840,181 rows, and its known points lie in every bucket and every stretch", () => {
  expect(rowsOf(fullGrid)).toBe(8_840_181);
  const points = knownPoints(fullGrid);
  expect(new Set(points.map(({ bucket }) => bucket)).size).toBe(61);
  for (let from = 0; from < mostTtc; from += 60)
    expect(
      points.some(({ ttc }) => ttc >= from && ttc < from + 60),
      `${from} s`,
    ).toBe(true);
  for (let from = 0; from < mostBuffer; from += 40)
    expect(
      points.some(({ buffer }) => buffer >= from && buffer < from + 40),
      `${from} points`,
    ).toBe(true);
  for (const { ttc, buffer } of points)
    expect([ttc % 5, buffer % 10, ttc <= mostTtc, buffer <= mostBuffer]).toEqual([0, 0, true, true]);
});

test("a grid that would not end where the full one does is refused", () => {
  expect(() => coarseGrid(7)).toThrow();
  expect(rowsOf(coarseGrid(5))).toBe(145 * 41 * 61);
});

test("a whole lookup is ok, with the age of the count", () => {
  expect(judge({})).toEqual({
    level: "ok",
    says: `${rowsOf(grid).toLocaleString("en-GB")} rows, 2 known points are right, all rows counted 3 min ago.`,
  });
});

test("everything that is wrong names the table, or the column that is missing", () => {
  const { shape: _shape, ...nothing } = whole;
  expect(judgeLookup(nothing, { grid })).toMatchObject({
    level: "fail",
    objects: ["analytics.probability_lookup_btc"],
  });
  expect(judge({ shape: { ...shape, columns: shape.columns.slice(1) } })).toMatchObject({
    level: "fail",
    objects: ["analytics.probability_lookup_btc.ttc_seconds"],
  });
  expect(
    judge({ shape: { ...shape, columns: shape.columns.with(3, "prob_within_positive double precision") } }),
  ).toMatchObject({ objects: ["analytics.probability_lookup_btc.prob_within_positive"] });
  for (const facts of [
    { values: [undefined, undefined] },
    {
      values: [
        [5000, 5000],
        [5000, 5000],
      ] as [number, number][],
    },
    { counted: counted.slice(1) },
    { counted: counted.with(4, { ...(counted[4] as BucketCount), rise: 901 }) },
  ])
    expect(judge(facts)).toMatchObject({
      level: "fail",
      objects: ["analytics.probability_lookup_btc"],
      remedy: { kind: "step", stepId: "build-probability-lookup" },
    });
});

test("values that were not counted are not known, and never green", () => {
  const { counted: _counted, ...rest } = whole;
  expect(judgeLookup(rest, { grid }).level).toBe("unknown");
});

test("a table without a record is no proof of anything, whole or not", () => {
  const { record: _record, values: _values, ...rest } = whole;
  expect(judgeLookup(rest, { grid }).says).toContain("none of its values are remembered");
  const flat = counted.map((line) => ({ ...line, least: 5000, most: 5000 }));
  expect(judgeLookup({ ...rest, counted: flat }, { grid }).says).toContain("says 50.00 everywhere");
  const impossible = counted.map((line) => ({ ...line, impossible: 1 }));
  expect(judgeLookup({ ...rest, counted: impossible }, { grid }).level).toBe("fail");
});

test("who chose to go without data is warned for ever, and not failed", () => {
  const finding = judgeLookup({}, { grid, wanted: false });
  expect(finding).toMatchObject({ level: "warn", remedy: { kind: "sentence" } });
});

test("absent history is a good answer", () => {
  expect(judgeHistory([{ name: "btc_price_history", rows: 0 }])).toEqual({
    level: "ok",
    says: "Historical data is absent; no supervised program reads it.",
  });
  expect(judgeHistory([{ name: "btc_price_history", rows: 1234 }]).says).toContain("about 1,234 rows");
});
