import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { unfinished } from "../../checkout/git/clone.ts";
import { gitIn } from "../../checkout/git/git.ts";
import { recioCheckout } from "../../checkout/recio-checkout.ts";
import { heardJob, type StepsWorld, stepsWorld } from "../../checkout/test-steps.ts";
import { commitAll, writeTestTree } from "../../checkout/test-tree.ts";
import { checkoutProbes } from "../../health/probes/checkout/checkout.ts";
import { checkoutGateProbes } from "../../health/probes/checkout/checkout-clone.ts";
import { cloneCheckout } from "./clone-checkout.ts";

let it: StepsWorld;
let folder: StepsWorld["folder"];
let root: StepsWorld["root"];
let machine: StepsWorld["machine"];
let paths: StepsWorld["paths"];
let world: StepsWorld["world"];
let ask: StepsWorld["ask"];
let levels: StepsWorld["levels"];
let takeBack: StepsWorld["takeBack"];
test.beforeEach(async () => {
  it = await stepsWorld();
  ({ folder, root, machine, paths, world, ask, levels, takeBack } = it);
});
test.afterEach(() => it.end());

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
    const { job: one, heard } = heardJob();
    const receipt = await step.run(world, one as never);
    expect(heard.progress.join("\n")).toMatch(/\d+\/\d+ objects Receiving objects|^$/);
    expect(await ask(step.probes[0])).toMatchObject({
      level: "ok",
      says: expect.stringMatching(/^REC.IO is cloned, commit [0-9a-f]{7}\.$/),
    });
    expect(await levels(checkoutProbes(whole))).toEqual({
      "checkout-recognised": "ok",
      "checkout-programs": "ok",
      "checkout-tables": "ok",
      "checkout-age": "ok",
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
    await step.run(world, heardJob().job as never);
    expect((await gitIn(machine, root, ["rev-parse", "HEAD"])).stdout.trim()).toBe(first);
    rmSync(root, { recursive: true });
    await expect(stepOf({ commit: "no-such-branch" }).run(world, heardJob().job as never)).rejects.toMatchObject({
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
        .run(world, heardJob().job as never)
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
    await expect(stepOf().run(world, heardJob().job as never)).rejects.toMatchObject({
      code: "checkout.folder-not-empty",
    });
    expect(readdirSync(root)).toEqual(["mine"]);
  });

  test("what an interrupted clone left is removed by the next one", async () => {
    mkdirSync(join(unfinished(root), "half"), { recursive: true });
    await stepOf().run(world, heardJob().job as never);
    expect(readdirSync(folder).sort()).toEqual(["origin 'x'", "rec io's"]);
  });

  test("an aborted clone leaves nothing", async () => {
    const control = new AbortController();
    const { job: one } = heardJob(control.signal);
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
      const receipt = await step.run(world, heardJob().job as never);
      if (what.startsWith("a commit")) writeFileSync(join(root, "mine"), "");
      await change();
      await expect(takeBack(step, receipt)).rejects.toMatchObject({ code: "checkout.clone-holds-more" });
      expect(readdirSync(root)).toContain("backend");
    });
  }

  test("what REC.IO's programs wrote does not hold a clone back", async () => {
    const step = stepOf();
    const receipt = await step.run(world, heardJob().job as never);
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
