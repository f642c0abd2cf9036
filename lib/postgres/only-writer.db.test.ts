import { expect, test } from "playwright/test";
import type { Step } from "../engine/step.ts";
import { asOnlyWriters } from "../install/only-writer-steps.ts";
import { applySchema } from "../install/steps/apply-schema.ts";
import { seedRows } from "../install/steps/seed-rows.ts";
import { isProblem } from "../problem.ts";
import { asOnlyWriter } from "./only-writer.ts";
import { type TestInstallation, testInstallation, testJob } from "./test-installation.ts";

let installed: TestInstallation;
test.afterEach(() => installed?.end());

test("Of two setups one changes the database, and the other says who does", async () => {
  installed = await testInstallation();
  await installed.database.query("ALTER TABLE users.fills_0001 DROP COLUMN side");
  const [step, other] = asOnlyWriters([applySchema(installed.answers), seedRows()] as Step[]) as [Step, Step];
  await asOnlyWriter(installed.postgres, "a test", async () => {
    const thrown = await step.run(installed.world, testJob()).catch((error: unknown) => error);
    expect(isProblem(thrown) && thrown.code).toBe("database.somebody-else-writes");
    expect(isProblem(thrown) && thrown.says).toMatch(
      /^Another setup is changing this database: REC\.IO Setup on .+, a test, from .+, since \d{4}-.+ UTC \(\d+ s; process \d+ of the server\)\.$/,
    );
    // Whichever step comes second, also where it only takes back what it made.
    await expect(other.run(installed.world, testJob())).rejects.toMatchObject({
      code: "database.somebody-else-writes",
    });
    const undo =
      "takeBack" in other.undo ? other.undo.takeBack(installed.world, { rows: [], columns: [] }, testJob()) : undefined;
    await expect(undo).rejects.toMatchObject({ code: "database.somebody-else-writes" });
    expect(
      await installed.database.query(
        "SELECT FROM pg_attribute WHERE attrelid = 'users.fills_0001'::regclass AND attname = 'side'",
      ),
    ).toEqual([]);
  });
  await step.run(installed.world, testJob());
  // What fails lets go of it, too.
  await expect(asOnlyWriter(installed.postgres, "a test", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await asOnlyWriter(installed.postgres, "a test", async () => "mine")).toBe("mine");
});
