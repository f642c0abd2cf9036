import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { gitIn, headOf, statusOf } from "../../checkout/git/git.ts";
import { recioCheckout } from "../../checkout/recio-checkout.ts";
import { commitAll, testTree, writeTestTree } from "../../checkout/test-tree.ts";
import { updateLines } from "../../cli/print.ts";
import { type TestInstallation, testInstallation } from "../../postgres/test-installation.ts";
import { rehearseUpdate, updateSentence } from "./rehearse-update.ts";

let installed: TestInstallation;
let folder: string;
test.beforeAll(async () => {
  installed = await testInstallation();
});
test.afterAll(async () => installed?.end());
test.beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "update-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const never = new AbortController().signal;
const reads = (columns: string, table = "users.trade_preferences_0001") =>
  `import psycopg2\ndef read():\n    cursor = psycopg2.connect(host="localhost").cursor()\n    cursor.execute("SELECT ${columns} FROM ${table} WHERE id = %s", (1,))\n`;

/** A remote, and the clone of it that is installed. */
async function clones() {
  const { machine } = installed.world;
  const remote = join(folder, "remote");
  const root = join(folder, "rec io");
  const program = "backend/symbol_price_watchdog.py";
  await writeTestTree(machine, remote, { changes: { [program]: reads("position_size") } });
  await gitIn(machine, folder, ["clone", "--quiet", remote, root]);
  const checkout = recioCheckout({ root, machine, paths: installed.paths });
  const later = async (files: Record<string, string>, subject: string) => {
    for (const [path, text] of Object.entries(files)) await machine.files.write(join(remote, path), text, 0o644);
    await commitAll(machine, remote, subject);
  };
  return { remote, root, program, later, world: { ...installed.world, checkout } };
}

test("a newer commit is fetched, read and asked about; the checkout and the database stay as they are", async () => {
  const { root, program, later, world } = await clones();
  const before = await headOf(world.machine, root);
  const nothing = await rehearseUpdate(world, undefined, never);
  expect(nothing).toMatchObject({ verdict: "same", drift: [], collisions: [] });
  expect(nothing.statements).toEqual({ asked: 1, refused: [], unread: 0 });

  await later({ [program]: `${reads("position_size")}${reads("multiplier, position_size")}` }, "Read one more column");
  expect(await rehearseUpdate(world, undefined, never)).toMatchObject({
    verdict: "fits",
    says: expect.stringMatching(/: all 2 statements are taken by your database\.$/),
    subjects: [expect.stringMatching(/^[0-9a-f]+ Read one more column$/)],
  });

  await later(
    {
      [program]: `${reads("position_size")}${reads("colour")}${reads("id", "users.no_such_table")}import not_on_this_machine\n`,
      "requirements.txt": `${testTree["requirements.txt"]}not-on-this-machine==1.0\n`,
      "backend/main.py": "def broken(:\n",
    },
    "Go too far",
  );
  await world.machine.files.write(join(root, "backend/main.py"), "# mine\n", 0o644);
  const found = await rehearseUpdate(world, undefined, never);
  expect(found.verdict).toBe("would break");
  expect(found.statements).toMatchObject({
    asked: 3,
    refused: [
      { where: `${program}:8`, missing: "users.trade_preferences_0001.colour" },
      { where: `${program}:12`, missing: "users.no_such_table" },
    ],
  });
  expect(found.says).toMatch(/2 of 3 statements would fail; 1 module is missing; .*1 file that you changed is changed/);
  expect(found.modules).toMatchObject([{ module: "not_on_this_machine", where: `${program}:13` }]);
  expect(found.collisions).toEqual(["backend/main.py"]);
  expect(found.subjects.map((subject) => subject.replace(/^\S+ /, ""))).toEqual(["Go too far", "Read one more column"]);
  expect(updateLines(found).join("\n")).toContain(`breaks  ${program}:8 asks for users.trade_preferences_0001.colour`);

  expect(await headOf(world.machine, root)).toBe(before);
  expect(await statusOf(world.machine, root)).toEqual([" M backend/main.py"]);
  expect(readFileSync(join(root, "backend/main.py"), "utf8")).toBe("# mine\n");
  expect(existsSync(join(installed.paths.state, "other-commit"))).toBe(false);
  const named = await rehearseUpdate(world, "origin/main~1", never);
  expect(named.verdict).toBe("fits");
});

test("a remote that is gone and a commit that nobody knows are said in a sentence", async () => {
  const { remote, world } = await clones();
  await expect(rehearseUpdate(world, "no-such-branch", never)).rejects.toMatchObject({
    code: "checkout.commit-unknown",
  });
  rmSync(remote, { recursive: true });
  await expect(rehearseUpdate(world, undefined, never)).rejects.toMatchObject({
    code: "checkout.not-fetched",
    evidence: { asked: "git fetch" },
  });
});

test("the sentence counts what would fail before what would only differ", () => {
  const nothing = {
    subjects: [],
    drift: [],
    modules: [],
    collisions: [],
    statements: { asked: 187, refused: [], unread: 0 },
  };
  expect(updateSentence({ from: "a".repeat(40), to: "b".repeat(40), ...nothing })).toEqual({
    verdict: "fits",
    says: "From aaaaaaa to bbbbbbb: all 187 statements are taken by your database.",
  });
  const refused = [{ where: "x.py:1", missing: "a.b", says: "no" }];
  expect(
    updateSentence({
      from: "a".repeat(40),
      to: "b".repeat(40),
      ...nothing,
      statements: { asked: 187, refused, unread: 0 },
      drift: [{ kind: "breaks", says: "x" }],
    }),
  ).toEqual({
    verdict: "would break",
    says: "From aaaaaaa to bbbbbbb: 1 of 187 statements would fail; 1 thing that works now would not.",
  });
});
