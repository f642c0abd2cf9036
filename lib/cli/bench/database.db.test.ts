import { expect, test } from "playwright/test";
import { benchDatabase } from "./database.ts";

test("The catalogue is looked at in one round trip, and every statement asked about in three", async () => {
  const figures = await benchDatabase(undefined, () => {});
  expect(figures.statements).toBeGreaterThan(80);
  expect(figures.link40).toMatchObject({ catalogueRoundTrips: 1, prepareRoundTrips: 3 });
});
