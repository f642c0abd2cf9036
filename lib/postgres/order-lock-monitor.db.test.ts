import { readFileSync } from "node:fs";
import { expect, test } from "playwright/test";
import { ask } from "../engine/ask.ts";
import { orderLockAttempts } from "../health/probes/database/order-lock.ts";
import { testInstallation } from "./test-installation.ts";

test("what the hook held back in REC.IO's monitor is noted in the monitor's name, and nothing is changed", async () => {
  const installed = await testInstallation();
  const app = await installed.database.connect("rec_io_user", readFileSync(installed.paths.appPassword, "utf8"));
  try {
    await app.query("SET application_name = 'rec:system_monitor'");
    for (const name of ["auto_entry", "auto_stop", "momentum"])
      await app.query("SELECT order_lock.monitor_wanted($1)", [name]);
    expect(
      await installed.database.query("SELECT auto_entry, auto_stop FROM users.auto_trade_settings_0001 WHERE id = 1"),
    ).toEqual([{ auto_entry: false, auto_stop: false }]);
    expect(
      await installed.database.query(
        "SELECT switch, was, wanted, kept, application FROM order_lock.attempt ORDER BY id",
      ),
    ).toEqual(
      ["auto_entry", "auto_stop"].map((name) => ({
        switch: name,
        was: false,
        wanted: true,
        kept: false,
        application: "rec:system_monitor",
      })),
    );
    const finding = (await ask(orderLockAttempts(), installed.world, new AbortController().signal)).finding;
    expect(finding).toMatchObject({
      level: "warn",
      says: "A held switch was to be changed 2 times, last by rec:system_monitor.",
      remedy: { says: expect.stringContaining("REC.IO's monitor does so") },
    });
  } finally {
    await app.end();
    await installed.end();
  }
});
