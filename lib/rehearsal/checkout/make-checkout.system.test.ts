import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { isProblem } from "../../problem.ts";
import { accountSyncScript, makeCheckout, refreshCheckout, standInPorts } from "./make-checkout.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rec-make-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const make = (name: string, options?: Parameters<typeof makeCheckout>[2]) =>
  makeCheckout(localMachine({ stateFolder: folder }), join(folder, name), options);
const git = (root: string, ...args: string[]) =>
  execFileSync("git", ["-C", root, ...args], { encoding: "utf8" }).trim();

test("the same options give the same commit, also in a folder with blanks and quotes", async () => {
  const one = await make("one");
  const other = await make(`it's "the other" one`);
  expect(other.commit).toBe(one.commit);
  expect(git(other.root, "status", "--porcelain")).toBe("");
  expect(readFileSync(join(other.root, "backend/data/account_mode_state.json"), "utf8")).toBe('{"mode": "prod"}');
  expect(
    git(one.root, "ls-files", "backend/data/archives", "backend/supervisord.conf", ".gitignore").split("\n"),
  ).toHaveLength(3);
});

test("every program that is named is there, compiles and has its port", async () => {
  const { root, ports } = await make("whole", { ports: { main_app: 23_111 } });
  expect(ports).toEqual({ ...standInPorts, main_app: 23_111 });
  const conf = readFileSync(join(root, "backend/supervisord.conf"), "utf8");
  const scripts = [...conf.matchAll(/^command=\S+ \S*\/(backend\/\S+)/gm)].map(([, script]) => script ?? "");
  expect(scripts).toHaveLength(12);
  for (const script of new Set(scripts)) {
    const compile = "import ast,sys; ast.parse(open(sys.argv[1]).read())";
    execFileSync("/usr/bin/python3", ["-c", compile, join(root, script)]);
  }
  const printed = execFileSync(
    "/usr/bin/python3",
    ["-B", join(root, "scripts/generate_unified_supervisor_config.py"), "--print"],
    { encoding: "utf8" },
  );
  expect(printed).toBe(conf);
  const manifest = JSON.parse(readFileSync(join(root, "backend/core/config/MASTER_PORT_MANIFEST.json"), "utf8"));
  expect(manifest.core_services.main_app.port).toBe(23_111);
});

test("without account sync the script is gone, still named, and to be found in the history", async () => {
  const { root } = await make("gone", { style: "without-account-sync" });
  expect(existsSync(join(root, accountSyncScript))).toBe(false);
  expect(readFileSync(join(root, "backend/supervisord.conf"), "utf8")).toContain("kalshi_account_sync_ws.py");
  expect(git(root, "cat-file", "-t", `HEAD~1:${accountSyncScript}`)).toBe("blob");
  expect(git(root, "status", "--porcelain")).toBe("");
});

test("a folder that is there already is left alone", async () => {
  await make("mine");
  const thrown = await make("mine").catch((error) => error);
  expect(isProblem(thrown) && thrown.code).toBe("rehearsal.folder-taken");
});

test("a stand-in of an earlier version becomes what this one makes, and what lies beside its files stays", async () => {
  const whole = await make("whole");
  const { root } = await make("older");
  writeFileSync(join(root, "backend/old_program.py"), "print('gone in the newer version')\n");
  appendFileSync(join(root, "backend/main.py"), "# as it was\n");
  git(root, "add", "--all");
  git(root, "-c", "user.name=older", "-c", "user.email=older@localhost", "commit", "--quiet", "--amend", "-m", "older");
  rmSync(join(root, "backend/trade_manager.py"));
  writeFileSync(join(root, ".git/index.lock"), "");
  writeFileSync(join(root, "backend/main.py.hidden"), "mine");
  await refreshCheckout(localMachine({ stateFolder: folder }), root);
  expect(git(root, "rev-parse", "HEAD")).toBe(whole.commit);
  expect(git(root, "status", "--porcelain")).toBe("?? backend/main.py.hidden");
  expect(existsSync(join(root, "backend/old_program.py"))).toBe(false);
  await refreshCheckout(localMachine({ stateFolder: folder }), root);
  expect(git(root, "rev-parse", "HEAD")).toBe(whole.commit);
});
