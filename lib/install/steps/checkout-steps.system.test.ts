import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { baselineFile } from "../../checkout/baseline.ts";
import { unfinished } from "../../checkout/git/clone.ts";
import { gitIn } from "../../checkout/git/git.ts";
import { recioCheckout } from "../../checkout/recio-checkout.ts";
import { commitAll, writeTestTree } from "../../checkout/test-tree.ts";
import { lookupRecordFile } from "../../data/lookup-record.ts";
import type { Finding, Probe } from "../../engine/probe.ts";
import type { Job, Json, Secrets, Step } from "../../engine/step.ts";
import { checkoutProbes } from "../../health/probes/checkout.ts";
import { checkoutGateProbes } from "../../health/probes/checkout-clone.ts";
import { judgePackages } from "../../health/probes/python.ts";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { type StatePaths, statePaths } from "../../paths.ts";
import type { World } from "../../world.ts";
import { cloneCheckout } from "./clone-checkout.ts";
import { createProfile } from "./create-profile.ts";
import { createPythonEnvironment } from "./create-python-environment.ts";

let folder: string;
let root: string;
let machine: Machine;
let paths: StatePaths;
let world: World;
test.beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "steps-"));
  root = join(folder, "rec io's");
  paths = statePaths(join(folder, "state"));
  machine = localMachine({ stateFolder: paths.state });
  world = { machine, paths, checkout: recioCheckout({ root, machine, paths }) } as unknown as World;
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

function job<Receipt extends Json>(secrets: Secrets = {}, signal = new AbortController().signal) {
  const heard = { lines: [] as string[], spent: [] as Receipt[], progress: [] as string[] };
  const value: Job<Receipt> = {
    signal,
    secrets,
    progress: (done, total, unit, note) => void heard.progress.push(`${done}/${total} ${unit} ${note ?? ""}`),
    log: (line) => void heard.lines.push(line),
    spent: async (receipt) => void heard.spent.push(structuredClone(receipt)),
  };
  return { job: value, heard };
}

async function ask(probe: Probe | undefined): Promise<Finding> {
  if (!probe) throw new Error("the step has no such probe");
  return probe.judge(await probe.collect(world, new AbortController().signal));
}
const levels = async (probes: readonly Probe[]) =>
  Object.fromEntries(await Promise.all(probes.map(async (probe) => [probe.id, (await ask(probe)).level] as const)));

async function takeBack<Needs extends keyof World, Receipt extends Json>(step: Step<Needs, Receipt>, receipt: Receipt) {
  if (!("takeBack" in step.undo)) throw new Error("the step has no undo");
  await step.undo.takeBack(world, receipt, job<Receipt>().job);
}

const whole = { data: { kind: "none" }, consent: { systemPackages: false, goOnWithout: [] as string[] } } as const;

test.describe("Cloning", () => {
  let origin: string;
  const stepOf = (more: { commit?: string; url?: string } = {}) =>
    cloneCheckout({ kind: "clone", url: origin, into: root, ...more });
  test.beforeEach(async () => {
    origin = join(folder, "origin 'x'");
    await writeTestTree(machine, origin);
  });

  test("a repository is cloned, looked at again, and taken back without a trace", async () => {
    const step = stepOf();
    expect(await ask(step.probes[0])).toMatchObject({ level: "fail", says: "REC.IO is not cloned yet." });
    expect(
      await levels(checkoutGateProbes({ ...whole, checkout: { kind: "clone", url: origin, into: root } })),
    ).toEqual({ "checkout-repository": "ok" });
    const { job: one, heard } = job<never>();
    const receipt = await step.run(world, one as never);
    expect(heard.progress.join("\n")).toMatch(/\d+\/\d+ objects Receiving objects|^$/);
    expect(await ask(step.probes[0])).toMatchObject({
      level: "ok",
      says: expect.stringMatching(/^REC.IO is cloned, commit [0-9a-f]{7}\.$/),
    });
    expect(await levels(checkoutProbes(whole))).toEqual({
      "checkout-recognised": "ok",
      "checkout-programs": "ok",
      "checkout-untouched": "ok",
    });
    await takeBack(step, receipt);
    expect(readdirSync(folder).sort()).toEqual(["origin 'x'"]);
  });

  test("a commit is checked out by its id, and an unknown one leaves nothing behind", async () => {
    const first = (await gitIn(machine, origin, ["rev-parse", "HEAD"])).stdout.trim();
    writeFileSync(join(origin, "later"), "");
    await commitAll(machine, origin, "Later");
    const step = stepOf({ commit: first.slice(0, 10) });
    await step.run(world, job<never>().job as never);
    expect((await gitIn(machine, root, ["rev-parse", "HEAD"])).stdout.trim()).toBe(first);
    rmSync(root, { recursive: true });
    await expect(stepOf({ commit: "no-such-branch" }).run(world, job<never>().job as never)).rejects.toMatchObject({
      code: "checkout.commit-unknown",
    });
    expect(readdirSync(folder).sort()).toEqual(["origin 'x'"]);
  });

  test("a failing clone is one sentence, and the parents that were made go again", async () => {
    const deep = join(folder, "a/b/c");
    world = { ...world, checkout: recioCheckout({ root: deep, machine, paths }) };
    for (const [url, code] of [
      [join(folder, "none"), "checkout.no-such-repository"],
      ["https://127.0.0.1:9/x.git", "checkout.clone-unreachable"],
      ["https://me:secret@127.0.0.1:9/x.git", "checkout.address-holds-a-password"],
      ["ext::sh -c touch% /tmp/never", "checkout.not-cloned"],
    ] as const) {
      const failed = await stepOf({ url })
        .run(world, job<never>().job as never)
        .catch((thrown: unknown) => thrown);
      expect(failed).toMatchObject({ code, remedy: { says: expect.any(String) } });
      expect(JSON.stringify(failed)).not.toContain("secret");
    }
    expect(readdirSync(folder).sort()).toEqual(["origin 'x'"]);
  });

  test("a folder that holds something is refused before git is asked", async () => {
    mkdirSync(root);
    writeFileSync(join(root, "mine"), "");
    const probes = checkoutGateProbes({ ...whole, checkout: { kind: "clone", url: origin, into: root } });
    const finding = probes[0] ? await ask(probes[0]) : undefined;
    expect(finding).toMatchObject({ level: "fail", says: "The folder is not empty." });
    await expect(stepOf().run(world, job<never>().job as never)).rejects.toMatchObject({
      code: "checkout.folder-not-empty",
    });
    expect(readdirSync(root)).toEqual(["mine"]);
  });

  test("what an interrupted clone left is removed by the next one", async () => {
    mkdirSync(join(unfinished(root), "half"), { recursive: true });
    await stepOf().run(world, job<never>().job as never);
    expect(readdirSync(folder).sort()).toEqual(["origin 'x'", "rec io's"]);
  });

  test("an aborted clone leaves nothing", async () => {
    const control = new AbortController();
    const { job: one } = job<never>({}, control.signal);
    const run = stepOf().run(world, {
      ...one,
      log: () => control.abort(new Error("stop")),
      progress: () => control.abort(new Error("stop")),
    } as never);
    await expect(run).rejects.toThrow("stop");
    expect(readdirSync(folder).sort()).toEqual(["origin 'x'"]);
  });

  for (const [what, change] of [
    ["an unknown file", () => writeFileSync(join(root, "notes.txt"), "")],
    ["an ignored file of the person's", () => writeFileSync(join(root, "my.pem"), "")],
    ["a changed file", () => writeFileSync(join(root, "backend/main.py"), "")],
    ["a commit that is nowhere else", () => commitAll(machine, root, "Mine")],
  ] as const) {
    test(`a clone that holds ${what} stays`, async () => {
      const step = stepOf();
      const receipt = await step.run(world, job<never>().job as never);
      if (what.startsWith("a commit")) writeFileSync(join(root, "mine"), "");
      await change();
      await expect(takeBack(step, receipt)).rejects.toMatchObject({ code: "checkout.clone-holds-more" });
      expect(readdirSync(root)).toContain("backend");
    });
  }

  test("what REC.IO's programs wrote does not hold a clone back", async () => {
    const step = stepOf();
    const receipt = await step.run(world, job<never>().job as never);
    for (const path of [
      "logs/main_app.out.log.1",
      "backend/__pycache__/main.cpython-311.pyc",
      "backend/data/users/user_0001/auth_tokens.json",
    ]) {
      mkdirSync(join(root, path, ".."), { recursive: true });
      writeFileSync(join(root, path), "");
    }
    await takeBack(step, receipt);
    expect(readdirSync(folder).sort()).toEqual(["origin 'x'"]);
  });
});

test.describe("The profile", () => {
  test.beforeEach(() => writeTestTree(machine, root));

  test("folders are made private, told as such, and taken back; git sees nothing of it", async () => {
    const [probe] = createProfile.probes;
    expect(await ask(probe)).toMatchObject({ level: "fail" });
    expect(await createProfile.describe(world)).toHaveLength(16);
    const { job: one, heard } = job<never>();
    const receipt = await createProfile.run(world, one as never);
    expect(await ask(probe)).toMatchObject({ level: "ok" });
    expect(await createProfile.describe(world)).toEqual([]);
    const credentials = world.checkout.credentials("prod");
    expect(statSync(credentials).mode & 0o777).toBe(0o700);
    expect(heard.spent.at(-1)).toEqual(receipt);
    expect(await levels(checkoutProbes(whole))).toMatchObject({ "checkout-untouched": "ok" });
    writeFileSync(join(root, "logs/main_app.err.log"), "REC.IO wrote this");
    await takeBack(createProfile, receipt);
    expect(readdirSync(join(root, "backend/data"))).toEqual(["account_mode_state.json"]);
    expect(readdirSync(root)).not.toContain("logs");
    expect(await machine.files.facts(baselineFile({ paths }))).toBeUndefined();
  });

  test("a folder that was there keeps what it holds and gets its mode back", async () => {
    const own = join(root, "backend/data/users/user_0001");
    mkdirSync(own, { recursive: true, mode: 0o755 });
    writeFileSync(join(own, "notes"), "mine");
    expect(await ask(createProfile.probes[0])).toMatchObject({ level: "fail" });
    const receipt = await createProfile.run(world, job<never>().job as never);
    expect(statSync(own).mode & 0o777).toBe(0o700);
    await takeBack(createProfile, receipt);
    expect(statSync(own).mode & 0o777).toBe(0o755);
    expect(readdirSync(own)).toEqual(["notes"]);
  });

  test("a file that neither REC.IO nor we made keeps its folder, and is told", async () => {
    const receipt = await createProfile.run(world, job<never>().job as never);
    writeFileSync(join(root, "backend/data/users/user_0001/trade_history/mine.csv"), "");
    const refused = takeBack(createProfile, receipt);
    await expect(refused).rejects.toMatchObject({
      code: "profile.files-stay",
      says: expect.stringContaining("user_0001/trade_history stays"),
    });
    expect(readdirSync(root)).not.toContain("logs");
    rmSync(join(root, "backend/data/users/user_0001/trade_history/mine.csv"));
    await takeBack(createProfile, receipt);
    expect(readdirSync(join(root, "backend/data"))).toEqual(["account_mode_state.json"]);
  });

  test("an opened folder is found again", async () => {
    await createProfile.run(world, job<never>().job as never);
    await machine.files.setMode(world.checkout.credentials("demo"), 0o755);
    expect(await ask(createProfile.probes[0])).toMatchObject({
      level: "fail",
      objects: [expect.stringContaining("kalshi-credentials/demo")],
    });
  });

  test("in a tree of another user the folders belong to that user", async () => {
    test.skip(process.getuid?.() !== 0, "only root can give a tree to another user");
    await machine.exec("chown", ["-R", "1234:1234", root]);
    await createProfile.run(world, job<never>().job as never);
    expect(statSync(world.checkout.credentials("demo")).uid).toBe(1234);
  });
});

test.describe("The state of the checkout", () => {
  const finding = async (id: string, answers: Parameters<typeof checkoutProbes>[0] = whole) => {
    const probe = checkoutProbes(answers).find((one) => one.id === id);
    if (!probe) throw new Error(`no probe ${id}`);
    return ask(probe);
  };

  test("a missing script fails, and is a lasting warning when the person goes without it", async () => {
    await writeTestTree(machine, root);
    rmSync(join(root, "backend/api"), { recursive: true });
    await commitAll(machine, root, "Remove it");
    const commit = (await gitIn(machine, root, ["rev-parse", "--short", "HEAD^"])).stdout.trim();
    expect(await finding("checkout-programs")).toMatchObject({
      level: "fail",
      says: "The script of kalshi_account_sync (backend/api/kalshi-api/kalshi_account_sync_ws.py) is missing from the checkout.",
      remedy: {
        says: `Check out ${commit}, the last commit that has it, or agree to go on without kalshi_account_sync.`,
      },
    });
    const agreed = { ...whole, consent: { systemPackages: false, goOnWithout: ["kalshi_account_sync"] } };
    expect(await finding("checkout-programs", agreed)).toMatchObject({
      level: "warn",
      says: "4 of 5 programs are there and compile. REC.IO goes on without kalshi_account_sync, whose script is missing, as agreed.",
    });
  });

  test("a program that does not compile fails with its line", async () => {
    await writeTestTree(machine, root, { changes: { "backend/main.py": "print 1\n" } });
    expect(await finding("checkout-programs")).toMatchObject({
      level: "fail",
      says: expect.stringContaining("backend/main.py does not compile (SyntaxError in line 1"),
    });
  });

  test("a program that listens without a port in the manifest fails", async () => {
    await writeTestTree(machine, root, {
      changes: { "backend/core/config/MASTER_PORT_MANIFEST.json": '{"core_services": {"main_app": {"port": 3000}}}' },
    });
    expect(await finding("checkout-programs")).toMatchObject({ level: "fail", objects: ["trade_manager"] });
  });

  test("edits before and after the installation are told apart, and a moved commit is seen", async () => {
    await writeTestTree(machine, root);
    writeFileSync(join(root, "before.txt"), "");
    expect(await finding("checkout-untouched")).toMatchObject({
      level: "warn",
      says: "Changed before the installation, and left so: before.txt.",
    });
    await createProfile.run(world, job<never>().job as never);
    expect(await finding("checkout-untouched")).toMatchObject({
      says: "Changed before the installation, and left so: before.txt.",
    });
    writeFileSync(join(root, "backend/data/account_mode_state.json"), "{}");
    expect(await finding("checkout-untouched")).toMatchObject({
      says: "Changed in the checkout since the installation: backend/data/account_mode_state.json.",
    });
    await commitAll(machine, root, "Move on");
    expect(await finding("checkout-untouched")).toMatchObject({
      level: "warn",
      says: expect.stringMatching(/^The checkout has moved from [0-9a-f]{7}, which was installed, to [0-9a-f]{7}\.$/),
    });
  });

  test("a removed checkout is said without its path", async () => {
    expect(await finding("checkout-recognised")).toMatchObject({
      level: "fail",
      says: "The folder of the checkout is not there.",
    });
    await writeTestTree(machine, root, { changes: { "backend/account_mode.py": undefined } });
    expect(await finding("checkout-recognised")).toMatchObject({
      level: "fail",
      says: "backend/account_mode.py is missing from the checkout.",
    });
  });

  test("a missing archive fails, unless the data was built already", async () => {
    await writeTestTree(machine, root);
    const withData = { ...whole, data: { kind: "archive" } } as const;
    expect(await finding("checkout-archive", withData)).toMatchObject({ level: "fail" });
    await machine.files.makeFolder(paths.state, 0o700);
    await machine.files.write(lookupRecordFile({ paths }), "{}", 0o600);
    expect(await finding("checkout-archive", withData)).toMatchObject({ level: "warn" });
    mkdirSync(join(root, "backend/data/archives"));
    writeFileSync(join(root, "backend/data/archives/btc_fingerprint_archive_20250810_191515.zip"), "zip");
    expect(await finding("checkout-archive", withData)).toMatchObject({ level: "ok" });
  });
});

test.describe("The Python environment", () => {
  const step = createPythonEnvironment({ python: { packages: "system" } });
  const debian = "/usr/lib/python3/dist-packages/psycopg2";

  test("an environment that sees the system's packages is made, proven, and taken back", async () => {
    test.skip((await machine.files.facts(debian)) === undefined, "Debian's python3-psycopg2 is not installed here");
    await writeTestTree(machine, root);
    expect(await levels(step.probes)).toEqual({ "python-environment": "fail", "python-packages": "fail" });
    const receipt = await step.run(world, job<never>().job as never);
    expect(await levels(step.probes)).toEqual({ "python-environment": "ok", "python-packages": "ok" });
    const { stdout } = await machine.exec(world.checkout.python, [
      "-c",
      "import sys; print(sys.prefix, sys.base_prefix)",
    ]);
    expect(stdout.trim()).toBe(`${paths.python} /usr`);
    expect(await levels(checkoutProbes(whole))).toMatchObject({ "checkout-untouched": "ok" });
    await takeBack(step, receipt);
    expect(readdirSync(paths.state)).toEqual([]);
  });

  test("a half environment is made anew", async () => {
    test.skip((await machine.files.facts(debian)) === undefined, "Debian's python3-psycopg2 is not installed here");
    await writeTestTree(machine, root);
    mkdirSync(join(paths.python, "bin"), { recursive: true });
    writeFileSync(join(paths.python, "bin/python"), "not an interpreter", { mode: 0o755 });
    expect((await levels(step.probes))["python-environment"]).toBe("fail");
    await step.run(world, job<never>().job as never);
    expect((await levels(step.probes))["python-environment"]).toBe("ok");
  });

  test("a module that is missing is named with the line that imports it", async () => {
    await writeTestTree(machine, root, {
      changes: {
        "backend/system_monitor.py":
          'all_services = ["main_app"]\nimport not_on_this_machine\nfrom json import loads\nfrom os import no_such_name\n',
      },
    });
    const refused = step.run(world, job<never>().job as never);
    await expect(refused).rejects.toMatchObject({
      code: "python.modules-missing",
      says: "not_on_this_machine cannot be imported, and the programs need it.",
    });
    expect(await ask(step.probes[1])).toMatchObject({
      level: "fail",
      objects: ["not_on_this_machine"],
      evidence: {
        cameBack:
          "not_on_this_machine (backend/system_monitor.py:2): ModuleNotFoundError: No module named 'not_on_this_machine'",
      },
    });
  });

  test("a module that the code can do without is only a warning", () => {
    const entry = { module: "extra", names: [], where: ["backend/x.py:1"], guarded: true };
    expect(judgePackages({ imports: [entry], failing: { extra: "ModuleNotFoundError" } })).toMatchObject({
      level: "warn",
    });
  });
});
