import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { commitAll, writeTestTree } from "../test-tree.ts";
import { gitIn, headOf, statusOf } from "./git.ts";
import { move, moveBack, plannedMove } from "./move.ts";

let folder: string;
let remote: string;
let root: string;
let machine: Machine;
let older: string;
let newer: string;

const program = "backend/main.py";
const write = (tree: string, text: string) => machine.files.write(join(tree, program), text, 0o644);
const branch = async () => (await gitIn(machine, root, ["branch", "--show-current"])).stdout.trim();

test.beforeEach(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "move-"));
  machine = localMachine({ stateFolder: join(folder, "state") });
  [remote, root] = [join(folder, "remote"), join(folder, "rec io")];
  await writeTestTree(machine, remote, { changes: { [program]: "# one\n" } });
  await gitIn(machine, folder, ["clone", "--quiet", remote, root]);
  older = (await headOf(machine, root)) ?? "";
  await write(remote, "# two\n");
  await commitAll(machine, remote, "Two");
  newer = (await headOf(machine, remote)) ?? "";
  await gitIn(machine, root, ["fetch", "--quiet"]);
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("A newer commit takes the branch along as a pull would, and the way back puts both where they were", async () => {
  const made = await plannedMove(machine, root, newer);
  expect(made).toEqual({ from: older, to: newer, branch: "main", forward: true });
  await move(machine, root, made);
  expect([await headOf(machine, root), await branch(), readFileSync(join(root, program), "utf8")]).toEqual([
    newer,
    "main",
    "# two\n",
  ]);
  expect(await statusOf(machine, root)).toEqual([]);
  expect(await moveBack(machine, root, made)).toBeUndefined();
  expect([await headOf(machine, root), await branch(), readFileSync(join(root, program), "utf8")]).toEqual([
    older,
    "main",
    "# one\n",
  ]);
  expect(await moveBack(machine, root, made)).toBeUndefined();
});

test("What is checked out by a server that closes its own files stays open to those who may read the checkout", async () => {
  const before = process.umask(0o077);
  try {
    await move(machine, root, await plannedMove(machine, root, newer));
  } finally {
    process.umask(before);
  }
  expect((await machine.files.facts(join(root, program)))?.mode).toBe(0o644);
});

test("An older commit is checked out beside the branch, and the way back is on the branch again", async () => {
  await move(machine, root, await plannedMove(machine, root, newer));
  const back = await plannedMove(machine, root, older);
  expect(back).toEqual({ from: newer, to: older, branch: "main", forward: false });
  await move(machine, root, back);
  expect([await headOf(machine, root), await branch()]).toEqual([older, ""]);
  await moveBack(machine, root, back);
  expect([await headOf(machine, root), await branch()]).toEqual([newer, "main"]);
});

test("A changed file that the other commit changes too is never lost: git's refusal is told and nothing moves", async () => {
  await write(root, "# mine\n");
  const made = await plannedMove(machine, root, newer);
  await expect(move(machine, root, made)).rejects.toMatchObject({
    code: "checkout.not-moved",
    evidence: { cameBack: expect.stringContaining(program) },
  });
  expect([await headOf(machine, root), readFileSync(join(root, program), "utf8")]).toEqual([older, "# mine\n"]);
});

test("A checkout that went on by itself since is left where it is, and that is said", async () => {
  const made = await plannedMove(machine, root, newer);
  await move(machine, root, made);
  await write(root, "# three\n");
  await commitAll(machine, root, "Three");
  const left = await moveBack(machine, root, made);
  expect(left).toContain(`not at ${newer.slice(0, 7)} any more`);
  expect(readFileSync(join(root, program), "utf8")).toBe("# three\n");
});
