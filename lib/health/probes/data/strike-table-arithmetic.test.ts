import { expect, test } from "playwright/test";
import { bucketsOf, probabilityAt, strikeIsMatched } from "./strike-table-arithmetic.ts";

test("this checkout matches strikes between 16,384 and 32,767 and between 65,536 and 131,071, and nowhere near", () => {
  for (const strike of [16_500, 20_000, 32_500, 65_750, 90_000, 118_000, 131_000])
    expect(strikeIsMatched(strike), String(strike)).toBe(true);
  for (const strike of [33_000, 60_000, 65_500, 131_250, 150_000, 250_000])
    expect(strikeIsMatched(strike), String(strike)).toBe(false);
});

test("a momentum lies in one bucket, and at an edge in two; halves go to the even neighbour", () => {
  expect(bucketsOf(0.031)).toEqual([3]);
  expect([...bucketsOf(0.045)].sort()).toEqual([4, 5]);
  expect(bucketsOf(-0.012)).toEqual([-1]);
  expect(bucketsOf(0)).toEqual([0]);
  expect(bucketsOf(-0.002)).toEqual([0]);
});

const cell = [
  { ttc: 1800, buffer: 500, positive: 80, negative: 70 },
  { ttc: 1805, buffer: 500, positive: 78, negative: 68 },
  { ttc: 1800, buffer: 510, positive: 84, negative: 74 },
  { ttc: 1805, buffer: 510, positive: 82, negative: 73 },
];

test("a point inside a cell is the mean of its corners by distance", () => {
  expect(probabilityAt(cell, 1800, 500, false)).toBe(80);
  expect(probabilityAt(cell, 1805, 510, true)).toBe(73);
  // By hand: 0.6*0.7*80 + 0.4*0.7*78 + 0.6*0.3*84 + 0.4*0.3*82 = 80.4
  expect(probabilityAt(cell, 1802, 503, false)).toBeCloseTo(80.4, 10);
});

test("what is no cell gives no probability rather than a wrong one", () => {
  expect(probabilityAt([], 1802, 503, false)).toBeUndefined();
  expect(probabilityAt(cell.slice(0, 3), 1802, 503, false)).toBeUndefined();
  expect(
    probabilityAt([...cell, { ttc: 1810, buffer: 500, positive: 1, negative: 1 }], 1802, 503, false),
  ).toBeUndefined();
});
