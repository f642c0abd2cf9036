import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { writeTestTree } from "../test-tree.ts";
import { gitIn, headOf } from "./git.ts";

let folder: string;
let root: string;
let asked: number;
let machine: Machine;
test.beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "head-"));
  root = join(folder, "rec_io");
  asked = 0;
  const local = localMachine({ stateFolder: join(folder, "state") });
  machine = {
    ...local,
    exec: (program, args, options) => {
      if (args.includes("--verify")) asked += 1;
      return local.exec(program, args, options);
    },
  };
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("As long as nothing moves, git is asked once for the commit, and every way of moving it is seen", async () => {
  await writeTestTree(machine, root);
  const first = await headOf(machine, root);
  expect(first).toMatch(/^[0-9a-f]{40}$/);
  for (let time = 0; time < 3; time += 1) expect(await headOf(machine, root)).toBe(first);
  expect(asked).toBe(1);
  const moves: string[][] = [
    ["-c", "user.name=a", "-c", "user.email=a@b.invalid", "commit", "-q", "--allow-empty", "-m", "On the branch"],
    ["pack-refs", "--all"],
    ["reset", "-q", "--soft", "HEAD~1"],
    ["switch", "-q", "-c", "other"],
    ["-c", "user.name=a", "-c", "user.email=a@b.invalid", "commit", "-q", "--allow-empty", "-m", "On the other"],
    ["update-ref", "refs/heads/other", first ?? ""],
    ["checkout", "-q", "--detach", "ORIG_HEAD"],
  ];
  for (const args of moves) {
    const moved = await gitIn(machine, root, args);
    expect(moved.code, `${args.join(" ")}: ${moved.stderr}`).toBe(0);
    const { stdout } = await gitIn(machine, root, ["rev-parse", "HEAD"]);
    expect(await headOf(machine, root), args.join(" ")).toBe(stdout.trim());
  }
});

test("A linked working tree, whose head is kept elsewhere, is asked each time", async () => {
  await writeTestTree(machine, root);
  const linked = join(folder, "linked");
  expect((await gitIn(machine, root, ["worktree", "add", "-q", "--detach", linked])).code).toBe(0);
  const first = await headOf(machine, linked);
  await gitIn(machine, linked, [
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@b.invalid",
    "commit",
    "-q",
    "--allow-empty",
    "-m",
    "x",
  ]);
  const second = await headOf(machine, linked);
  expect(second).toMatch(/^[0-9a-f]{40}$/);
  expect(second).not.toBe(first);
});
