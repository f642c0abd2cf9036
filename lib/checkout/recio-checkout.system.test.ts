import { mkdtempSync, realpathSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../machine/local-machine.ts";
import type { Machine } from "../machine/machine.ts";
import { statePaths } from "../paths.ts";
import type { Rung } from "../runtime.ts";
import { findCheckouts } from "./find-checkouts.ts";
import { lastCommitWith } from "./git/git.ts";
import { inspectCheckout } from "./inspect-answer.ts";
import { recioCheckout } from "./recio-checkout.ts";
import { commitAll, writeTestTree } from "./test-tree.ts";

let folder: string;
let root: string;
let machine: Machine;
test.beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "checkout-"));
  // Every test runs on a path that a shell, a URL or a configuration file would trip over.
  root = join(folder, `it's "my" rec io $HOME`);
  machine = localMachine({ stateFolder: join(folder, "state") });
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const checkout = (goOnWithout: string[] = []) =>
  recioCheckout({ root, machine, paths: statePaths(join(folder, "state")), goOnWithout });
const look = (path: string) => inspectCheckout({ kind: "path", path }, machine, { home: folder });

test("A whole tree is read: programs in the safe order, ports where the code listens, commit, nothing changed", async () => {
  await writeTestTree(machine, root);
  const facts = await checkout().inspect();
  expect(facts.programs.map(({ name, exists, compiles, port }) => [name, exists, compiles, port])).toEqual([
    ["symbol_price_watchdog_btc", true, true, undefined],
    ["kalshi_account_sync", true, true, undefined],
    ["trade_manager", true, true, 4000],
    ["main_app", true, true, 3000],
    ["system_monitor", true, true, undefined],
  ]);
  expect(facts).toMatchObject({ commit: expect.stringMatching(/^[0-9a-f]{40}$/), dirty: [], missingFiles: [] });
  expect(facts.programs[0]).toMatchObject({ args: ["BTC"], namedIn: ["generator", "supervisor file", "monitor"] });
  expect(await checkout().urlOf("trade_manager")).toBe("http://127.0.0.1:4000");
  await expect(checkout().urlOf("kalshi_account_sync")).rejects.toMatchObject({ code: "checkout.program-has-no-port" });
});

test("A path that ends with a slash is the same checkout", async () => {
  const spelled = recioCheckout({ root: `${root}//x/../`, machine, paths: statePaths(join(folder, "state")) });
  expect([spelled.root, spelled.at("backend", "main.py")]).toEqual([root, join(root, "backend/main.py")]);
});

test("Looking leaves no trace in the tree", async () => {
  await writeTestTree(machine, root);
  const before = await machine.exec("find", [root, "-newermt", "1970-01-01", "-printf", "%p %T@ %s\n"]);
  await checkout().inspect();
  await look(root);
  const after = await machine.exec("find", [root, "-newermt", "1970-01-01", "-printf", "%p %T@ %s\n"]);
  expect(after.stdout).toBe(before.stdout);
});

test("A missing script is named, and the last commit that has it is found", async () => {
  await writeTestTree(machine, root);
  const script = "backend/api/kalshi-api/kalshi_account_sync_ws.py";
  const whole = (await checkout().inspect()).commit ?? "";
  await machine.files.remove(join(root, script));
  await commitAll(machine, root, "Remove it");
  const missing = (await checkout().inspect()).programs.find(({ name }) => name === "kalshi_account_sync");
  expect(missing).toMatchObject({ exists: false, script });
  expect(missing).not.toHaveProperty("compiles");
  expect((await checkout().supervised()).map(({ name }) => name)).not.toContain("kalshi_account_sync");
  expect(whole.startsWith((await lastCommitWith(machine, root, script)) ?? "-")).toBe(true);
});

test("A program that the person goes without is not supervised, although it is there", async () => {
  await writeTestTree(machine, root);
  expect((await checkout(["main_app"]).supervised()).map(({ name }) => name)).not.toContain("main_app");
});

test("A script with a syntax error is named with its line, and read anew when it was mended", async () => {
  await writeTestTree(machine, root, { changes: { "backend/trade_manager.py": "def f(:\n" } });
  const one = checkout();
  const compiles = async () => (await one.inspect()).programs.find(({ name }) => name === "trade_manager")?.compiles;
  expect(await compiles()).toMatch(/^SyntaxError in line 1: /);
  const path = join(root, "backend/trade_manager.py");
  await machine.files.write(path, "x = 1\n", 0o644);
  expect(await compiles()).toBe(true);
  // The same length and a changed time: a file that was touched is read, whatever its size says.
  await machine.files.write(path, "x = (\n", 0o644);
  utimesSync(path, new Date(), new Date(Date.now() + 5000));
  expect(await compiles()).toMatch(/^SyntaxError/);
});

test("An imported file that does not compile is named too", async () => {
  await writeTestTree(machine, root, { changes: { "backend/util/paths.py": "import os\nreturn 1\n" } });
  expect((await checkout().sources()).broken).toEqual({
    "backend/util/paths.py": "SyntaxError in line 2: 'return' outside function",
  });
});

test("Modules from outside are found through the checkout's own imports, the standard library is not", async () => {
  await writeTestTree(machine, root);
  const { imports } = await checkout().sources();
  expect(imports.map(({ module, guarded }) => [module, guarded])).toEqual([
    ["bcrypt", true],
    ["flask", false],
    ["psutil", false],
    ["pytz", false],
    ["requests", false],
    ["uvicorn", false],
    ["websockets", false],
  ]);
  expect(imports.find(({ module }) => module === "pytz")?.where).toEqual(["backend/util/paths.py:2"]);
});

test("A changed tracked file and an unknown one are told, an ignored one is not", async () => {
  await writeTestTree(machine, root);
  await machine.files.write(join(root, "backend/data/account_mode_state.json"), '{"mode": "demo"}', 0o644);
  await machine.files.write(join(root, 'new "file".txt'), "", 0o644);
  await machine.files.makeFolder(join(root, "logs"), 0o755);
  await machine.files.write(join(root, "logs/x.log"), "", 0o644);
  expect((await checkout().inspect()).dirty).toEqual([" M backend/data/account_mode_state.json", '?? new "file".txt']);
});

test("A tree of another user is looked at all the same", async () => {
  test.skip(process.getuid?.() !== 0, "only root can give a tree to another user");
  await writeTestTree(machine, root);
  await machine.exec("chown", ["-R", "1234:1234", root]);
  expect((await checkout().inspect()).commit).toMatch(/^[0-9a-f]{40}$/);
});

test("A tree without git, or inside another repository, has no commit", async () => {
  await writeTestTree(machine, root, { commit: false });
  expect(await checkout().inspect()).toMatchObject({ dirty: [] });
  expect(await checkout().inspect()).not.toHaveProperty("commit");
  await commitAll(machine, folder, "The folder above");
  expect(await checkout().inspect()).not.toHaveProperty("commit");
});

test("Each wrong answer is one sentence that says what is wrong", async () => {
  await writeTestTree(machine, root);
  await machine.files.makeFolder(join(folder, "empty"), 0o755);
  await machine.files.makeFolder(join(folder, "other"), 0o755);
  await machine.files.write(join(folder, "other/readme"), "", 0o644);
  const says = async (path: string) => {
    const { accepted, problem } = await look(path);
    expect(accepted).toBe(false);
    expect(problem?.remedy?.says).toBeTruthy();
    return [problem?.code, problem?.says];
  };
  expect(await says(join(folder, "none"))).toEqual(["checkout.not-there", `There is no folder ${folder}/none.`]);
  expect(await says("~/none")).toEqual(["checkout.not-there", `There is no folder ${folder}/none.`]);
  expect(await says(join(root, "requirements.txt"))).toEqual([
    "checkout.not-a-folder",
    `${root}/requirements.txt is a file, not a folder.`,
  ]);
  expect(await says(join(folder, "empty"))).toEqual(["checkout.empty", `The folder ${folder}/empty is empty.`]);
  expect(await says(join(folder, "other"))).toEqual([
    "checkout.not-recio",
    `${folder}/other is not REC.IO: it has no backend/main.py beside a list of programs.`,
  ]);
  expect(await says(join(root, "backend"))).toEqual([
    "checkout.not-recio",
    `${root}/backend is not REC.IO itself; ${root} is.`,
  ]);
  expect(await says(folder)).toEqual(["checkout.not-recio", `${folder} is not REC.IO itself; ${root} is.`]);
});

test("A folder that this user may not read says so", async () => {
  test.skip(process.getuid?.() !== 0, "only root can step down to another user for this");
  await machine.files.makeFolder(root, 0o700);
  const refusing: Machine = {
    ...machine,
    files: { ...machine.files, list: () => Promise.reject(Object.assign(new Error("EACCES"), { code: "EACCES" })) },
  };
  expect((await inspectCheckout({ kind: "path", path: root }, refusing, { home: folder })).problem).toMatchObject({
    code: "checkout.unreadable",
  });
});

test("The rungs climb one by one and tell a missing program without refusing", async () => {
  await writeTestTree(machine, root, { changes: { "backend/api/kalshi-api/kalshi_account_sync_ws.py": undefined } });
  const seen: Rung[][] = [];
  const result = await inspectCheckout({ kind: "path", path: root }, machine, {
    home: folder,
    onRung: (rungs) => seen.push(rungs),
  });
  expect(result).toMatchObject({
    accepted: true,
    says: "It can be installed only without kalshi_account_sync.",
    facts: { missing: ["kalshi_account_sync"], archive: false },
  });
  expect(result.rungs.map(({ id, level }) => [id, level])).toEqual([
    ["exists", "ok"],
    ["is-recio", "ok"],
    ["programs", "warn"],
    ["commit", "ok"],
    ["archive", "warn"],
  ]);
  expect(result.rungs[2]).toMatchObject({
    says: "4 of 5 programs are there and compile.",
    detail: expect.stringContaining("kalshi_account_sync"),
  });
  expect(seen[0]?.at(-1)).toMatchObject({ id: "exists", level: "running" });
  expect(seen).toHaveLength(10);
});

test("Without git the inspection says which program is missing", async () => {
  await writeTestTree(machine, root, { commit: false });
  const withoutGit: Machine = {
    ...machine,
    exec: (program, args, options) =>
      machine.exec(program === "git" ? "git-that-is-not-there" : program, args, options),
  };
  expect((await inspectCheckout({ kind: "path", path: root }, withoutGit, { home: folder })).problem).toMatchObject({
    code: "machine.program-missing",
  });
});

test("Checkouts beside the project are found once each, through links too", async () => {
  await writeTestTree(machine, root);
  const project = join(folder, "rec-io-setup");
  await machine.files.makeFolder(project, 0o755);
  await machine.exec("ln", ["-s", root, join(folder, "zz-link")]);
  const found = await findCheckouts(machine, project, join(folder, "home"));
  expect(found.filter(({ path }) => path.startsWith(folder))).toEqual([
    { path: root, commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
  ]);
});

test("A manifest that is missing is a missing file, not a crash", async () => {
  await writeTestTree(machine, root, { changes: { "backend/core/config/MASTER_PORT_MANIFEST.json": undefined } });
  expect((await checkout().inspect()).missingFiles).toEqual(["backend/core/config/MASTER_PORT_MANIFEST.json"]);
  expect(await look(root)).toMatchObject({ accepted: false, problem: { code: "checkout.files-missing" } });
});

test("The real checkout is whole but for what its commit lacks", async () => {
  const real = process.env.RECIO_CHECKOUT;
  test.skip(!real, "RECIO_CHECKOUT names no checkout of REC.IO");
  const facts = await recioCheckout({ root: real ?? "", machine, paths: statePaths(join(folder, "state")) }).inspect();
  expect(facts.programs).toHaveLength(12);
  const lacking = facts.programs.filter(({ compiles }) => compiles !== true).map(({ name }) => name);
  expect(lacking).toEqual(facts.commit?.startsWith("088d3e4") ? ["kalshi_account_sync"] : []);
  const ports = Object.fromEntries(
    facts.programs.flatMap(({ name, port }) => (port === undefined ? [] : [[name, port]])),
  );
  expect(ports).toEqual({
    trade_executor: 8001,
    trade_manager: 4000,
    active_trade_supervisor: 8007,
    auto_entry_supervisor: 8009,
    main_app: 3000,
  });
});
