import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { baselineFile } from "../../checkout/baseline.ts";
import { gitIn } from "../../checkout/git/git.ts";
import { heardJob, type StepsWorld, stepsWorld } from "../../checkout/test-steps.ts";
import { commitAll, writeTestTree } from "../../checkout/test-tree.ts";
import { lookupRecordFile } from "../../data/lookup-record.ts";
import { checkoutProbes } from "../../health/probes/checkout/checkout.ts";
import { programsGetOwnUser, programsUser } from "../../supervisor/programs-user/programs-user.ts";
import { createProfile } from "./create-profile.ts";
import { createProgramsUser } from "./create-programs-user.ts";

let it: StepsWorld;
let root: StepsWorld["root"];
let machine: StepsWorld["machine"];
let paths: StepsWorld["paths"];
let world: StepsWorld["world"];
let ask: StepsWorld["ask"];
let levels: StepsWorld["levels"];
let takeBack: StepsWorld["takeBack"];
test.beforeEach(async () => {
  it = await stepsWorld();
  ({ root, machine, paths, world, ask, levels, takeBack } = it);
});
test.afterEach(() => it.end());

const whole = { data: { kind: "none" }, consent: { systemPackages: false, goOnWithout: [] as string[] } } as const;

test.describe("The profile", () => {
  test.beforeEach(() => writeTestTree(machine, root));

  test("folders are made private, told as such, and taken back; git sees nothing of it", async () => {
    // As an ordinary user installs: the folders stay whose they are.
    const facts = await machine.facts();
    machine.facts = async () => ({ ...facts, root: false });
    const [probe] = createProfile.probes;
    expect(await ask(probe)).toMatchObject({ level: "fail" });
    expect(await createProfile.describe(world)).toHaveLength(16);
    const { job: one, heard } = heardJob();
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
    const receipt = await createProfile.run(world, heardJob().job as never);
    expect(statSync(own).mode & 0o777).toBe(0o700);
    await takeBack(createProfile, receipt);
    expect(statSync(own).mode & 0o777).toBe(0o755);
    expect(readdirSync(own)).toEqual(["notes"]);
  });

  test("a file that neither REC.IO nor we made keeps its folder, and is told", async () => {
    const receipt = await createProfile.run(world, heardJob().job as never);
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
    await createProfile.run(world, heardJob().job as never);
    await machine.files.setMode(world.checkout.credentials("demo"), 0o755);
    expect(await ask(createProfile.probes[0])).toMatchObject({
      level: "fail",
      objects: [expect.stringContaining("kalshi-credentials/demo")],
    });
  });

  test("set up by root, what the programs write is theirs, and is given back to whom it belonged", async () => {
    test.skip(!(await programsGetOwnUser(world)), "only root can give a folder to another user");
    const own = join(root, "backend/data/users/user_0001");
    mkdirSync(join(own, "preferences"), { recursive: true });
    writeFileSync(join(own, "preferences/kept.json"), "{}");
    await machine.exec("chown", ["-R", "1234:1235", root]);
    // What the person consents to is shown before there is a user to give anything to.
    const beforehand = await createProfile.describe(world);
    const user = await createProgramsUser.run(world, heardJob().job as never);
    try {
      expect(await ask(createProfile.probes[0])).toMatchObject({ level: "fail" });
      const shown = await createProfile.describe(world);
      expect(shown).toEqual(beforehand);
      expect(shown.filter(({ detail }) => detail?.includes("with what is in it")).map(({ target }) => target)).toEqual([
        join(root, "backend/data/users"),
      ]);
      const receipt = await createProfile.run(world, heardJob().job as never);
      expect(await ask(createProfile.probes[0])).toMatchObject({ level: "ok" });
      const { uid } = (await programsUser(world)) ?? {};
      for (const path of [
        own,
        join(own, "preferences/kept.json"),
        world.checkout.credentials("demo"),
        join(root, "logs"),
      ])
        expect(statSync(path)).toMatchObject({ uid });
      expect(statSync(join(root, "backend"))).toMatchObject({ uid: 1234, gid: 1235 });
      writeFileSync(join(own, "auth_tokens.json"), "{}");
      await machine.exec("chown", [`${uid}`, join(own, "auth_tokens.json")]);
      await takeBack(createProfile, receipt);
      for (const path of [own, join(own, "preferences/kept.json"), join(own, "auth_tokens.json")])
        expect(statSync(path)).toMatchObject({ uid: 1234, gid: 1235 });
    } finally {
      await takeBack(createProgramsUser as never, user as never);
    }
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
    await createProfile.run(world, heardJob().job as never);
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

  test("a removed checkout is said in the words of every other question, and no archive is missed in it", async () => {
    expect(await finding("checkout-recognised")).toMatchObject({
      level: "fail",
      says: expect.stringMatching(/^There is no folder /),
    });
    const withData = { ...whole, data: { kind: "archive" } } as const;
    await expect(finding("checkout-archive", withData)).rejects.toMatchObject({ code: "checkout.not-there" });
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
