import { expect, test } from "playwright/test";
import { Estimate } from "./estimate.ts";

test("the time that is left is told as a range, and is near the truth after the first fifth", () => {
  let now = 0;
  // Twenty tables whose COPY is a third larger than they are on disk, over a steady link.
  const tables = Array.from({ length: 20 }, (_, index) => ({ name: `t${index}`, size: 1_000_000 * (1 + (index % 5)) }));
  const estimate = new Estimate(tables, () => now);
  const rate = 10_000_000;
  const whole = (tables.reduce((sum, { size }) => sum + size, 0) * 4) / 3;
  const errors: number[] = [];
  let sent = 0;
  for (const { name, size } of tables) {
    for (let at = 0; at < (size * 4) / 3; at += 50_000) {
      const piece = Math.min(50_000, (size * 4) / 3 - at);
      sent += piece;
      now = (sent / rate) * 1000;
      estimate.received(name, piece);
      const { left } = estimate.now();
      if (left && sent > whole / 5 && sent < whole * 0.95) {
        const truth = (whole - sent) / rate;
        const middle = (left.least + left.most) / 2;
        errors.push(Math.abs(middle - truth) / truth);
      }
    }
    estimate.done(name, 10);
  }
  errors.sort((a, b) => a - b);
  expect(errors.length).toBeGreaterThan(50);
  expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.25);
  expect(estimate.now()).toMatchObject({ tables: 20, tablesDone: 20, rows: 200 });
});

test("nothing is said of the time that is left before two seconds have passed", () => {
  let now = 0;
  const estimate = new Estimate([{ name: "a", size: 100 }], () => now);
  now = 1000;
  estimate.received("a", 10);
  expect(estimate.now().left).toBeUndefined();
});

test("a table that starts again counts from its beginning, and one that will not come counts no more", () => {
  const estimate = new Estimate([
    { name: "a", size: 1000 },
    { name: "b", size: 1000 },
  ]);
  estimate.received("a", 600);
  estimate.again("a");
  expect(estimate.now().bytes).toBe(0);
  expect(estimate.table("a")?.state).toBe("waiting");
  estimate.failed("b");
  expect(estimate.now().tables).toBe(1);
});
