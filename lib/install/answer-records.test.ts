import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../machine/local-machine.ts";
import { statePaths } from "../paths.ts";
import { answerRecords, markOf } from "./answer-records.ts";
import { draftAnswers, withKnownKeyId } from "./answers.ts";

const keyId = "a952bcbe-ec3b-4b5b-b8f9-11dae589608c";
const answers = { kalshi: { kind: "key" as const, environment: "demo" as const, keyId } };

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "records-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a record of answers holds a mark where the key id was, and reads as it was written", async () => {
  const { files } = localMachine({ stateFolder: folder });
  const paths = statePaths(folder);
  const records = answerRecords(files, paths);
  await records.write(paths.draft, answers);
  await records.write(paths.installation, answers);
  for (const file of [paths.draft, paths.installation]) expect(readFileSync(file, "utf8")).not.toContain(keyId);
  expect(statSync(paths.keyIds).mode & 0o777).toBe(0o600);
  expect(await records.read(paths.draft, draftAnswers)).toEqual(answers);
  expect(await records.read(join(folder, "none"), draftAnswers)).toBeUndefined();
  // Without the file of the ids the record is still one, of a key that was never given.
  rmSync(paths.keyIds);
  expect(await records.read(paths.draft, draftAnswers)).toEqual({
    kalshi: { ...answers.kalshi, keyId: markOf(keyId) },
  });
});

test("answers without a key are written as they are", async () => {
  const { files } = localMachine({ stateFolder: folder });
  const paths = statePaths(folder);
  const none = { kalshi: { kind: "none" as const, environment: "demo" as const } };
  await answerRecords(files, paths).write(paths.draft, none);
  expect(JSON.parse(readFileSync(paths.draft, "utf8"))).toEqual(none);
});

test("a page that leaves the key id out means the one of before", () => {
  const given = { kalshi: { ...answers.kalshi, environment: "prod", keyId: "" } };
  expect(withKnownKeyId(given, answers)).toEqual({ kalshi: { ...given.kalshi, keyId } });
  expect(withKnownKeyId(given, {})).toBe(given);
  const other = { kalshi: { ...answers.kalshi, keyId: "b952bcbe-ec3b-4b5b-b8f9-11dae589608c" } };
  expect(withKnownKeyId(other, answers)).toBe(other);
});
