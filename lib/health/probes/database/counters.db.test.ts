import { expect, test } from "playwright/test";
import { ask } from "../../../engine/ask.ts";
import { applySchema } from "../../../install/steps/apply-schema.ts";
import { type TestInstallation, testInstallation, testJob } from "../../../postgres/test-installation.ts";
import { countersStandPast } from "./counters.ts";

let installed: TestInstallation;
test.afterEach(() => installed?.end());

const look = async () => (await ask(countersStandPast(), installed.world, new AbortController().signal)).finding;

test("A counter that a restore left behind its rows is named, and set past them", async () => {
  installed = await testInstallation();
  expect(await look()).toMatchObject({ level: "ok" });
  await installed.database.query(
    "INSERT INTO users.trade_logs_0001 (id, message) VALUES (1, 'restored'), (7, 'restored')",
  );
  expect(await look()).toMatchObject({
    level: "fail",
    objects: ["users.trade_logs_0001.id"],
    remedy: { kind: "step", stepId: "apply-schema" },
  });
  await applySchema(installed.answers, [countersStandPast()]).run(installed.world, testJob());
  expect(await look()).toMatchObject({ level: "ok" });
  const sent = "INSERT INTO users.trade_logs_0001 (message) VALUES ('new') RETURNING id";
  expect(await installed.postgres.query("app", sent)).toEqual([{ id: 8 }]);
  await installed.database.query("DROP TABLE users.fills_0001");
  expect(await look()).toMatchObject({ level: "unknown" });
});
