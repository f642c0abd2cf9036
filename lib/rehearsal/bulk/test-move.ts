import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "playwright/test";
import type { HealthReport } from "../../health/report.ts";
import { projectRoot } from "../../paths.ts";
import { type TestRehearsal, testRehearsal } from "../test-rehearsal.ts";
import { takeTurn } from "../test-turn.ts";

let old: TestRehearsal;
let other: TestRehearsal;
let next: () => Promise<void>;
test.beforeAll(async () => {
  test.setTimeout(900_000);
  next = await takeTurn();
  old = await testRehearsal();
  other = await testRehearsal();
});
test.afterAll(async () => {
  test.setTimeout(180_000);
  await old?.end();
  await other?.end();
  await next();
});

test("a rehearsal becomes another one out of one file, and no order passes before the person's word", async () => {
  test.setTimeout(900_000);
  const answers = join(projectRoot(), "e2e/answers/rehearsal.json");
  const installed = await old.door("setup", "--answers", answers, "--no-open", `--port=${old.port}`);
  expect(installed, JSON.stringify(installed.json)).toMatchObject({ exit: 0 });
  const folder = dirname(other.paths.state);
  const [file, passphrase] = [join(folder, "one.backup"), join(folder, "pass")];
  writeFileSync(passphrase, "only for this test\n", { mode: 0o600 });
  const made = await old.door("backup", `--out=${file}`, `--passphrase-file=${passphrase}`);
  expect(made, JSON.stringify(made.json)).toMatchObject({ exit: 0 });
  // Two at a time would be a second REC.IO to each other.
  expect(await old.door("uninstall", "--yes")).toMatchObject({ exit: 0 });

  const given = [`--from-backup=${file}`, `--passphrase-file=${passphrase}`, "--no-open", `--port=${other.port}`];
  const moved = await other.door("setup", ...given);
  expect(moved, JSON.stringify(moved.json)).toMatchObject({ exit: 0, json: { installed: true, tradable: false } });
  const doctor = (await other.door("doctor")).json as unknown as HealthReport;
  expect(doctor.probes.find(({ id }) => id === "backup-restored")).toMatchObject({
    level: "ok",
    says: expect.stringContaining(`of ${made.json.tables} tables came from the backup`),
  });
  expect(doctor.probes.find(({ id }) => id === "only-one-trades")).toMatchObject({ level: "fail", required: false });
  expect((await other.door("trading", "status")).json).toMatchObject({ mode: "none", intact: true });
  const release = () => other.door("trading", "release", "--confirm=release");
  expect(await release()).toMatchObject({ exit: 1, json: { problem: { code: "trading.move-not-confirmed" } } });
  expect((await other.door("trading", "confirm-move", "--confirm=stopped")).json).toMatchObject({ mode: "close-only" });
  expect((await release()).json).toMatchObject({ mode: "manual" });
  expect(await other.door("uninstall", "--yes")).toMatchObject({ exit: 0, json: { left: [] } });
  for (const one of [file, passphrase]) rmSync(one);
});
