import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import type { Checkout } from "../../checkout/checkout.ts";
import type { Job } from "../../engine/step.ts";
import { programsUserProbe } from "../../health/probes/machine/programs-user.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import { programsGetOwnUser, programsUser, programsUserName } from "../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../world.ts";
import { createProgramsUser } from "./create-programs-user.ts";

let folder = "";
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rec user "));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

function room(name = "one") {
  const paths = statePaths(join(folder, `state of ${name}`));
  const machine = localMachine({ stateFolder: paths.state });
  const root = join(folder, "closed", "rec_io");
  const checkout = { root, python: join(paths.python, "bin/python"), at: (...parts: string[]) => join(root, ...parts) };
  const world = {
    paths,
    machine,
    checkout: checkout as unknown as Checkout,
    supervisor: { daemon: async () => undefined },
  } as unknown as World;
  type Receipt = Awaited<ReturnType<typeof createProgramsUser.run>>;
  const receipts: Receipt[] = [];
  const job: Job<Receipt> = {
    signal: new AbortController().signal,
    secrets: {},
    progress() {},
    log() {},
    async spent(receipt) {
      receipts.push(structuredClone(receipt));
    },
  };
  const look = async () => programsUserProbe.judge(await programsUserProbe.collect(world, job.signal));
  const takeBack = async (receipt: Receipt) => {
    if ("takeBack" in createProgramsUser.undo) await createProgramsUser.undo.takeBack(world, receipt, job);
  };
  return { world, paths, root, job, receipts, look, takeBack, name: programsUserName(paths) };
}

const known = (name: string) =>
  [readFileSync("/etc/passwd", "utf8"), readFileSync("/etc/group", "utf8")].map((text) => text.includes(`${name}:`));
const modeOf = (path: string) => statSync(path).mode & 0o7777;

test("installed by an ordinary user, nothing is made and nothing is asked for", async () => {
  const { world, look } = room();
  const facts = await world.machine.facts();
  const ordinary = { ...world, machine: { ...world.machine, facts: async () => ({ ...facts, root: false }) } } as World;
  expect(await createProgramsUser.describe(ordinary)).toEqual([]);
  expect(programsUserProbe.judge(await programsUserProbe.collect(ordinary, new AbortController().signal)).level).toBe(
    "ok",
  );
  if (facts.root) expect((await look()).level).toBe("fail");
});

test.describe("set up by root", () => {
  test.beforeEach(async () => {
    test.skip(!(await programsGetOwnUser(room().world)), "only root can make a user");
    const set =
      "import os, struct, sys; os.setxattr(sys.argv[1], 'system.posix_acl_access', struct.pack('<I12H', 2, *([0] * 12)))";
    const lists = spawnSync("python3", ["-c", set, folder], { encoding: "utf8" });
    // The kernel refuses this list as it is (EINVAL); where it knows none at all it says so.
    test.skip(/not supported/i.test(lists.stderr), "this file system has no access lists");
  });

  test("the user is made, is let through to a checkout that is closed to others, and everything is taken back", async () => {
    const { world, paths, root, job, look, takeBack, name } = room();
    mkdirSync(join(root, "backend/data/users"), { recursive: true });
    mkdirSync(join(root, ".git"));
    writeFileSync(join(root, "backend/main.py"), "print()\n");
    writeFileSync(join(root, "backend/secretive.py"), "print()\n");
    chmodSync(join(root, "backend/secretive.py"), 0o600);
    chmodSync(join(folder, "closed"), 0o700);
    // What somebody else was let through to before is his as it was, afterwards as well.
    const before = [folder, join(folder, "closed"), root, join(root, "backend/secretive.py")].map(modeOf);
    expect((await look()).level).toBe("fail");
    const shown = await createProgramsUser.describe(world);
    expect(shown.map(({ what }) => what)).toEqual(["user", ...Array(5).fill("folder")]);
    expect(shown.map(({ target }) => target)).toEqual([
      name,
      paths.state,
      paths.programs,
      folder,
      join(folder, "closed"),
      root,
    ]);

    const receipt = await createProgramsUser.run(world, job);
    expect(await look()).toMatchObject({ level: "ok" });
    const user = await programsUser(world);
    expect(user?.uid).toBeGreaterThan(0);
    expect(modeOf(paths.state)).toBe(0o710);
    expect(statSync(paths.programs)).toMatchObject({ uid: user?.uid, gid: user?.gid });
    const as = { ...(user ? { as: user } : {}), cwd: "/" };
    const may = async (...words: [string, ...string[]]) => (await world.machine.exec("test", words, as)).code === 0;
    expect(await may("-r", join(root, "backend/main.py"))).toBe(true);
    expect(await may("-r", join(root, "backend/secretive.py"))).toBe(true);
    expect(await may("-w", join(root, "backend"))).toBe(false);
    expect(await may("-r", join(folder, "closed"))).toBe(false);
    expect(await may("-r", paths.state)).toBe(false);
    expect(await may("-w", paths.programs)).toBe(true);
    const stranger = { uid: 64_001, gid: 64_001 };
    expect((await world.machine.exec("test", ["-x", folder], { as: stranger, cwd: "/" })).code).not.toBe(0);
    expect(await createProgramsUser.describe(world)).toEqual([]);

    // A second run makes nothing, so taking that one back leaves the user.
    const again = await createProgramsUser.run(world, job);
    await takeBack(again);
    expect(known(name)).toEqual([true, true]);
    expect(await look()).toMatchObject({ level: "ok" });

    await takeBack(receipt);
    expect(known(name)).toEqual([false, false]);
    expect(existsSync(paths.programs)).toBe(false);
    expect([folder, join(folder, "closed"), root, join(root, "backend/secretive.py")].map(modeOf)).toEqual(before);
    expect(modeOf(paths.state)).toBe(0o700);
    const left = execFileSync("python3", [
      "-c",
      "import os,sys\nprint(sum(len(os.listxattr(p)) for p in sys.argv[1:]))",
      folder,
      join(folder, "closed"),
      root,
    ]);
    expect(left.toString().trim()).toBe("0");
  });

  test("no number is given under which something runs that this system does not know", async () => {
    const { world, root, job, takeBack, name } = room();
    mkdirSync(root, { recursive: true });
    const probe = await createProgramsUser.run(world, job);
    const number = (await programsUser(world))?.uid ?? 0;
    await takeBack(probe);
    // As in a container or another tree, whose list of users has that number.
    let later: ReturnType<typeof spawn> | undefined;
    const stranger = spawn("sleep", ["60"], { uid: number, gid: number, cwd: "/" });
    try {
      const receipt = await createProgramsUser.run(world, job);
      const own = (await programsUser(world))?.uid ?? 0;
      expect(own).not.toBe(number);
      // One that comes later takes the same number, and keeps nobody from being removed.
      later = spawn("sleep", ["60"], { uid: own, gid: own, cwd: "/" });
      await takeBack(receipt);
      expect(known(name)).toEqual([false, false]);
      expect(later.exitCode).toBeNull();
    } finally {
      stranger.kill("SIGKILL");
      later?.kill("SIGKILL");
    }
  });

  test("two installations at once get two users, and the end of one is not the other's", async () => {
    const [one, other] = [room("one"), room("other")];
    mkdirSync(one.root, { recursive: true });
    const [first, second] = await Promise.all([one, other].map(({ world, job }) => createProgramsUser.run(world, job)));
    if (!first || !second) throw new Error("a run gave no receipt");
    expect(known(one.name)).toEqual([true, true]);
    expect(known(other.name)).toEqual([true, true]);
    await one.takeBack(first);
    expect(known(one.name)).toEqual([false, false]);
    expect(await other.look()).toMatchObject({ level: "ok" });
    await other.takeBack(second);
    expect(known(other.name)).toEqual([false, false]);
    expect(modeOf(folder)).toBe(0o700);
  });

  test("a crash after the intent leaves nothing that the intent cannot take back", async () => {
    const { world, root, job, receipts, takeBack, name } = room();
    mkdirSync(root, { recursive: true });
    await createProgramsUser.run(world, job);
    const [intent] = receipts;
    if (!intent) throw new Error("there was no intent");
    expect(intent.made).toBe(true);
    await takeBack(receipts.at(-1) ?? intent);
    await takeBack(intent);
    expect(known(name)).toEqual([false, false]);
  });

  test("a user of that name that was not made here is neither used nor removed", async () => {
    const { world, root, job, takeBack, name } = room();
    mkdirSync(root, { recursive: true });
    execFileSync("useradd", ["--system", "--no-create-home", "--comment", "somebody else", name]);
    try {
      await expect(createProgramsUser.run(world, job)).rejects.toMatchObject({ code: "programs-user.name-taken" });
      await takeBack({ name, made: true, granted: { pass: [], read: [] }, state: null });
      expect(known(name)[0]).toBe(true);
    } finally {
      execFileSync("userdel", [name]);
    }
  });

  test("a state folder that became root's alone again is found, and mended", async () => {
    const { world, paths, root, job, look, takeBack } = room();
    mkdirSync(root, { recursive: true });
    const receipt = await createProgramsUser.run(world, job);
    chownSync(paths.state, 0, 0);
    chmodSync(paths.state, 0o700);
    expect(await look()).toMatchObject({ level: "fail", remedy: { stepId: "create-programs-user" } });
    await createProgramsUser.run(world, job);
    expect(await look()).toMatchObject({ level: "ok" });
    await takeBack(receipt);
  });
});
