import { expect, test } from "playwright/test";
import { applySchema } from "../install/steps/apply-schema.ts";
import { isProblem } from "../problem.ts";
import { asOnlyWriter } from "./only-writer.ts";
import { type TestInstallation, testInstallation, testJob } from "./test-installation.ts";

let installed: TestInstallation;
test.afterEach(() => installed?.end());

test("Of two setups one changes the database, and the other says who does", async () => {
  installed = await testInstallation();
  await installed.database.query("ALTER TABLE users.fills_0001 DROP COLUMN side");
  const step = applySchema(installed.answers);
  await asOnlyWriter(installed.postgres, async () => {
    const thrown = await step.run(installed.world, testJob()).catch((error: unknown) => error);
    expect(isProblem(thrown) && thrown.code).toBe("database.somebody-else-writes");
    expect(isProblem(thrown) && thrown.says).toMatch(
      /Another setup is changing this database: .+ on .+ \(process \d+ of the server\), for \d+ s\./,
    );
    expect(
      await installed.database.query(
        "SELECT FROM pg_attribute WHERE attrelid = 'users.fills_0001'::regclass AND attname = 'side'",
      ),
    ).toEqual([]);
  });
  await step.run(installed.world, testJob());
  // What fails lets go of it, too.
  await expect(asOnlyWriter(installed.postgres, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await asOnlyWriter(installed.postgres, async () => "mine")).toBe("mine");
});
