import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { statePaths } from "../../paths.ts";
import { forgetState } from "./forget-state.ts";

let paths: ReturnType<typeof statePaths>;
test.beforeEach(() => {
  paths = statePaths(join(mkdtempSync(join(tmpdir(), "rec-forget-")), "s"));
  mkdirSync(paths.secrets, { recursive: true });
});
test.afterEach(() => rmSync(join(paths.state, ".."), { recursive: true, force: true }));

test("what writes that were killed left beside their files goes with the state", () => {
  writeFileSync(`${paths.session}.4711.0a1b2c3d`, "half");
  writeFileSync(join(paths.secrets, ".database-app.password.0a1b2c3d4e5f.new"), "half");
  expect(forgetState(paths)).toEqual([]);
  expect(existsSync(paths.state)).toBe(false);
});

test("a file that is not ours is named and stays", () => {
  const mine = join(paths.state, "notes.new");
  writeFileSync(mine, "mine");
  expect(forgetState(paths)).toEqual([mine]);
  expect(existsSync(mine)).toBe(true);
});
