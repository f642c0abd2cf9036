import { expect, test } from "playwright/test";
import { lookAt, type TestInstallation, testInstallation, testJob } from "../../postgres/test-installation.ts";
import { seedRows } from "./seed-rows.ts";

let installed: TestInstallation;
test.afterEach(() => installed.end());

test("rows to start from are inserted, empty values filled, and values of the person kept", async () => {
  installed = await testInstallation();
  const { database, world } = installed;
  const step = seedRows();
  await database.query("DELETE FROM users.trade_history_preferences_0001");
  await database.query("UPDATE users.trade_preferences_0001 SET position_size = NULL, multiplier = 9");
  await database.query("UPDATE users.auto_trade_settings_0001 SET min_differential = NULL, min_time = 33");
  expect(await lookAt(step, world)).toMatchObject([
    {
      level: "fail",
      objects: [
        "users.auto_trade_settings_0001.min_differential",
        "users.trade_preferences_0001.position_size",
        "users.trade_history_preferences_0001",
      ],
    },
  ]);
  const receipt = await step.run(world, testJob());
  expect(receipt).toEqual({
    rows: ["users.trade_history_preferences_0001"],
    columns: [
      ["users.auto_trade_settings_0001", "min_differential"],
      ["users.trade_preferences_0001", "position_size"],
    ],
  });
  expect(await lookAt(step, world)).toMatchObject([{ level: "ok" }]);
  expect(await database.query("SELECT position_size, multiplier FROM users.trade_preferences_0001")).toEqual([
    { position_size: 1, multiplier: 9 },
  ]);
  expect(
    await database.query(
      "SELECT min_differential::float, min_time, auto_entry, auto_stop FROM users.auto_trade_settings_0001",
    ),
  ).toEqual([{ min_differential: 0.25, min_time: 33, auto_entry: false, auto_stop: false }]);
  if ("never" in step.undo) throw new Error("the rows can be taken back");
  await step.undo.takeBack(world, receipt, testJob());
  expect(
    await database.query(
      "SELECT (SELECT count(*)::int FROM users.trade_history_preferences_0001) AS history, (SELECT count(*)::int FROM users.trade_preferences_0001) AS preferences",
    ),
  ).toEqual([{ history: 0, preferences: 1 }]);
});
