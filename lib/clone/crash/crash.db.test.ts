import { expect, test } from "playwright/test";
import { crashCopies } from "./test-crashes.ts";

test("a copy that is killed at any moment goes on with what is not finished, and ends equal", async () => {
  test.setTimeout(120_000);
  const report = await crashCopies({ kills: 2, deaths: ["copy"], scale: 0.004 });
  expect(report).toMatchObject({ total: 2, equal: 2, sentAgain: 0, faults: [] });
});
