import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localFiles } from "./files.ts";

let root: string;
let state: string;
test.beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), "machine-files-"));
  state = join(root, "state");
  mkdirSync(state, { mode: 0o700 });
});
test.afterEach(() => rmSync(root, { recursive: true, force: true }));

test("A file is written whole, with its mode, and leaves no temporary file", async () => {
  const files = localFiles(state);
  const path = join(state, "secret");
  await files.write(path, "one", 0o600);
  await files.write(path, "two", 0o640);
  expect(await files.read(path)).toBe("two");
  expect((await files.facts(path))?.mode).toBe(0o640);
  expect(await files.list(state)).toEqual(["secret"]);
});

test("A write that cannot take its name leaves the old content and no temporary file", async () => {
  const files = localFiles(state);
  const path = join(state, "taken");
  mkdirSync(join(path, "sub"), { recursive: true });
  await expect(files.write(path, "text", 0o600)).rejects.toThrow();
  expect(await files.list(state)).toEqual(["taken"]);
});

test("What is not there is undefined or empty, also below a file", async () => {
  const files = localFiles(state);
  writeFileSync(join(state, "file"), "");
  expect(await files.read(join(state, "none"))).toBeUndefined();
  expect(await files.facts(join(state, "file", "below"))).toBeUndefined();
  expect(await files.list(join(state, "none"))).toEqual([]);
});

test("Missing parents are made with the mode and named outermost first", async () => {
  const files = localFiles(state);
  const made = await files.makeFolder(join(state, "a", "b"), 0o700);
  expect(made).toEqual([join(state, "a"), join(state, "a", "b")]);
  expect((await files.facts(join(state, "a")))?.mode).toBe(0o700);
  expect(await files.makeFolder(join(state, "a", "b"), 0o700)).toEqual([]);
});

test("A file where a folder is needed is a problem that names it", async () => {
  writeFileSync(join(state, "file"), "");
  await expect(localFiles(state).makeFolder(join(state, "file", "x"), 0o700)).rejects.toMatchObject({
    code: "machine.not-a-folder",
    says: expect.stringContaining(join(state, "file")),
  });
});

test("A tree outside the state folder is not removed, whichever way it is named", async () => {
  const files = localFiles(state);
  const outside = join(root, "outside");
  mkdirSync(join(outside, "deep"), { recursive: true });
  symlinkSync(outside, join(state, "link"));
  for (const path of [outside, state, join(state, "..", "outside"), join(state, "link", "deep"), "/"]) {
    await expect(files.removeTree(path)).rejects.toThrow("refusing to remove");
  }
  expect(await files.list(outside)).toEqual(["deep"]);
});

test("A link inside the state folder is removed as a link: what it points to stays", async () => {
  const files = localFiles(state);
  const outside = join(root, "outside");
  mkdirSync(join(outside, "deep"), { recursive: true });
  symlinkSync(outside, join(state, "link"));
  await files.removeTree(join(state, "link"));
  expect(await files.list(state)).toEqual([]);
  expect(await files.list(outside)).toEqual(["deep"]);
});

test("A tree is removed inside the folder that is named as its fence", async () => {
  const files = localFiles(state);
  mkdirSync(join(root, "other", "tree"), { recursive: true });
  await files.removeTree(join(root, "other", "tree"), join(root, "other"));
  expect(await files.list(join(root, "other"))).toEqual([]);
  await files.removeTree(join(state, "never", "there"));
});

test("The tail of a file begins with a whole character", async () => {
  const files = localFiles(state);
  const path = join(state, "log");
  await files.write(path, "aé€z", 0o600);
  expect(await files.tail(path, 3)).toBe("z");
  expect(await files.tail(path, 4)).toBe("€z");
  expect(await files.tail(path, 100)).toBe("aé€z");
  expect(await files.tail(join(state, "none"), 5)).toBeUndefined();
});

test("Copying keeps every byte and takes the mode that is asked for", async () => {
  const files = localFiles(state);
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
  await files.write(join(state, "from"), bytes, 0o644);
  await files.copy(join(state, "from"), join(state, "to"), 0o600);
  expect((await files.readBytes(join(state, "to")))?.equals(bytes)).toBe(true);
  expect((await files.facts(join(state, "to")))?.mode).toBe(0o600);
});

test("Appending makes the file with its mode", async () => {
  const files = localFiles(state);
  await files.append(join(state, "log"), "one\n", 0o600);
  await files.append(join(state, "log"), "two\n", 0o600);
  expect(await files.read(join(state, "log"))).toBe("one\ntwo\n");
  expect((await files.facts(join(state, "log")))?.mode).toBe(0o600);
});

test("Only an empty folder is removed as a folder", async () => {
  const files = localFiles(state);
  mkdirSync(join(state, "full", "inner"), { recursive: true });
  writeFileSync(join(state, "file"), "");
  expect(await files.removeFolder(join(state, "full"))).toBe(false);
  expect(await files.removeFolder(join(state, "file"))).toBe(false);
  expect(await files.removeFolder(join(state, "none"))).toBe(false);
  expect(await files.removeFolder(join(state, "full", "inner"))).toBe(true);
  expect(await files.list(state)).toEqual(["file", "full"]);
});
