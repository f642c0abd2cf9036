import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localFiles } from "./files.ts";
import { keptReading } from "./kept-reading.ts";
import type { FileFacts } from "./machine.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rec-kept-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The files of this machine, as if everything had last been changed `ageMs` earlier. */
function filesOfAge(ageMs: number) {
  const real = localFiles(join(folder, "state"));
  const reads: string[] = [];
  return {
    reads,
    read: (path: string) => {
      reads.push(path);
      return real.read(path);
    },
    async facts(path: string): Promise<FileFacts | undefined> {
      const facts = await real.facts(path);
      return facts && { ...facts, changedAt: facts.changedAt - ageMs };
    },
  };
}

test("a file that did not change is read once, and again as soon as it did", async () => {
  const path = join(folder, "a");
  writeFileSync(path, "one");
  const files = filesOfAge(10_000);
  const length = keptReading((text) => text);
  expect([await length(files, path), await length(files, path), files.reads.length]).toEqual(["one", "one", 1]);
  // The same size, and the old time put back: only the time of the change tells.
  writeFileSync(path, "two");
  utimesSync(path, 1, 1);
  expect(await length(files, path)).toBe("two");
  rmSync(path);
  expect(await length(files, path)).toBeUndefined();
});

test("a file that was changed a moment ago, and a link, are read each time", async () => {
  const [path, link] = [join(folder, "a"), join(folder, "b")];
  writeFileSync(path, "one");
  symlinkSync(path, link);
  const text = keptReading((found) => found);
  const young = filesOfAge(0);
  await text(young, path);
  await text(young, path);
  expect(young.reads).toHaveLength(2);
  const old = filesOfAge(10_000);
  await text(old, link);
  await text(old, link);
  expect(old.reads).toHaveLength(2);
});
