import { expect, test } from "playwright/test";
import { databaseMutants, killDatabaseMutants } from "./database.ts";

test("Each column can be damaged in several ways, and each key", () => {
  const mutants = databaseMutants();
  expect(new Set(mutants.filter(({ kind }) => kind === "drop").map(({ object }) => object)).size).toBe(318);
  expect(new Set(mutants.map(({ kind, object, sql }) => `${kind} ${object} ${sql}`)).size).toBe(mutants.length);
});

test("A sample of the damages is named, mended by the step that is offered, and green afterwards", async () => {
  const all = databaseMutants();
  // One table that is read by position, one with a single row, and one whose key is no number.
  const tables = ["system.health_status", "users.trade_preferences_0001", "live_data.price_change_btc"];
  const sample = all.filter(
    ({ table, kind, object }) => tables.includes(table.title) && (kind !== "retype" || object.endsWith("id")),
  );
  expect(await killDatabaseMutants(sample)).toMatchObject({
    killed: sample.length,
    total: sample.length,
    survivors: [],
  });
});
