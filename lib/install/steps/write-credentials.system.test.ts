import { generateKeyPairSync } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { keptPem } from "../../checkout/kept-credentials.ts";
import { recioCheckout } from "../../checkout/recio-checkout.ts";
import type { Job } from "../../engine/step.ts";
import type { Kalshi } from "../../kalshi/kalshi.ts";
import { freshKey, type TestExchange, testExchange } from "../../kalshi/test-exchange.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { type StatePaths, statePaths } from "../../paths.ts";
import type { World } from "../../world.ts";
import { writeCredentials } from "./write-credentials.ts";

let folder: string;
let exchange: TestExchange;
let world: World;
let paths: StatePaths;
let credentials: string;
const python = "/usr/bin/python3";

test.beforeEach(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "credentials-"));
  paths = statePaths(join(folder, "state"));
  exchange = await testExchange("today");
  const machine = localMachine({ stateFolder: paths.state });
  const checkout = { ...recioCheckout({ root: join(folder, "recio"), machine, paths }), python };
  credentials = checkout.credentials("demo");
  mkdirSync(paths.secrets, { recursive: true, mode: 0o700 });
  // The exchange's client reads a folder of its own; here it reads the checkout under test.
  mkdirSync(join(exchange.checkoutFolder, "credentials"), { recursive: true });
  mkdirSync(join(credentials, ".."), { recursive: true });
  await machine.exec("ln", ["-s", credentials, join(exchange.checkoutFolder, "credentials/demo")]);
  world = { machine, paths, checkout, kalshi: exchange.client({ environment: "demo" }) } as unknown as World;
});
test.afterEach(async () => {
  await exchange.stop();
  rmSync(folder, { recursive: true, force: true });
});

const stepOf = (keyId = exchange.keys.demo.keyId) =>
  writeCredentials({
    kalshi: { kind: "key", environment: "demo", keyId },
    person: { userId: "jane", fullName: "Jane Doe", email: "jane@example.org" },
  });

function jobOf(pem: string | undefined) {
  const heard = { lines: [] as string[], spent: [] as unknown[] };
  const job = {
    signal: new AbortController().signal,
    secrets: pem === undefined ? {} : { kalshiPrivateKey: pem },
    progress: () => undefined,
    log: (line: string) => void heard.lines.push(line),
    spent: async (receipt: unknown) => void heard.spent.push(structuredClone(receipt)),
  };
  return { job: job as unknown as Job<never>, heard };
}
const run = (pem: string | undefined, step = stepOf()) => step.run(world, jobOf(pem).job as never);
async function look(step = stepOf()) {
  const [probe] = step.probes;
  return probe.judge(await probe.collect(world, new AbortController().signal));
}
async function takeBack(receipt: Awaited<ReturnType<ReturnType<typeof stepOf>["run"]>>) {
  const { undo } = stepOf();
  if (!("takeBack" in undo)) throw new Error("the step has no undo");
  await undo.takeBack(world, receipt, jobOf(undefined).job as never);
}
const names = () => readdirSync(credentials).sort();

test("A key that Kalshi accepts is written for its owner only, in the form that REC.IO reads, and taken back", async () => {
  expect((await look()).level).toBe("fail");
  const { job, heard } = jobOf(exchange.keys.demo.pem);
  const receipt = await stepOf().run(world, job as never);
  expect(names()).toEqual([".env", "kalshi-auth.txt", "kalshi.pem"]);
  for (const name of names()) expect(statSync(join(credentials, name)).mode & 0o777).toBe(0o600);
  for (const each of ["demo", "prod"]) expect(statSync(join(credentials, "..", each)).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(credentials, ".env"), "utf8")).toBe(
    `KALSHI_API_KEY_ID=${exchange.keys.demo.keyId}\nKALSHI_PRIVATE_KEY_PATH=kalshi.pem\n`,
  );
  expect(readFileSync(join(credentials, "kalshi.pem"), "utf8")).toMatch(/^-{5}BEGIN RSA PRIVATE KEY-{5}\n/);
  expect(readFileSync(join(credentials, "kalshi-auth.txt"), "utf8")).toBe(
    `email:jane@example.org\nkey:${exchange.keys.demo.keyId}\n`,
  );
  expect(await look()).toMatchObject({ level: "ok" });
  const told = JSON.stringify([receipt, heard, await look(), await stepOf().describe(world)]);
  for (const secret of [exchange.keys.demo.keyId, exchange.keys.demo.pem.split("\n")[3] ?? "-"])
    expect(told).not.toContain(secret);
  await takeBack(receipt);
  expect(names()).toEqual([]);
});

test("A PKCS#8 key becomes PKCS#1", async () => {
  const { createPrivateKey } = await import("node:crypto");
  const pkcs8 = createPrivateKey(exchange.keys.demo.pem).export({ type: "pkcs8", format: "pem" }).toString();
  await run(pkcs8);
  expect(readFileSync(join(credentials, "kalshi.pem"), "utf8")).toBe(exchange.keys.demo.pem);
});

test("A key that Kalshi refuses is not written", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await expect(run(privateKey.export({ type: "pkcs1", format: "pem" }).toString())).rejects.toMatchObject({
    code: "credentials.key-refused",
  });
  await expect(run(exchange.keys.prod.pem)).rejects.toMatchObject({ code: "credentials.key-refused" });
  await expect(run(undefined)).rejects.toMatchObject({ code: "credentials.key-not-given" });
  expect(await world.machine.files.list(credentials)).toEqual([]);
});

test("An exchange that cannot be reached never reads as a wrong key, and nothing is written", async () => {
  const kalshi = { ...world.kalshi, getSigned: async () => ({ status: 503, body: "", tookMs: 1 }) } as Kalshi;
  world = { ...world, kalshi };
  await expect(run(exchange.keys.demo.pem)).rejects.toMatchObject({ code: "credentials.key-not-proven" });
  expect(await world.machine.files.list(credentials)).toEqual([]);
});

test("A pair that was there comes back when the new one does not prove itself on disk", async () => {
  mkdirSync(credentials, { mode: 0o700 });
  writeFileSync(join(credentials, ".env"), "KALSHI_API_KEY_ID=old\n");
  writeFileSync(join(credentials, "kalshi.pem"), "old key");
  let asked = 0;
  const kalshi: Kalshi = {
    ...world.kalshi,
    getSigned: (...args) => {
      asked += 1;
      return asked === 1
        ? exchange.client({ environment: "demo" }).getSigned(...args)
        : Promise.resolve({ status: 401, body: {}, tookMs: 1 });
    },
  };
  world = { ...world, kalshi };
  await expect(run(exchange.keys.demo.pem)).rejects.toMatchObject({ code: "credentials.key-refused" });
  expect(asked).toBe(2);
  expect(names()).toEqual([".env", "kalshi.pem"]);
  expect(readFileSync(join(credentials, "kalshi.pem"), "utf8")).toBe("old key");
});

test("Taking back puts the earlier pair in place again, also after a second attempt of the same run", async () => {
  mkdirSync(credentials, { mode: 0o700 });
  writeFileSync(join(credentials, ".env"), "KALSHI_API_KEY_ID=old\n");
  writeFileSync(join(credentials, "kalshi.pem"), "old key");
  const receipts = [await run(exchange.keys.demo.pem), await run(exchange.keys.demo.pem)];
  for (const receipt of receipts.reverse()) await takeBack(receipt);
  expect(names()).toEqual([".env", "kalshi.pem"]);
  expect(readFileSync(join(credentials, "kalshi.pem"), "utf8")).toBe("old key");
  expect(readdirSync(paths.secrets)).toEqual([]);
});

test("Each run that put another key in place is taken back by itself, newest first, down to what was there before us", async () => {
  mkdirSync(credentials, { mode: 0o700 });
  writeFileSync(join(credentials, ".env"), "KALSHI_API_KEY_ID=old\n");
  writeFileSync(join(credentials, "kalshi.pem"), "old key");
  const keys = [exchange.keys.demo, freshKey(), freshKey()];
  const receipts = [];
  for (const key of keys) {
    if (key !== exchange.keys.demo) exchange.standIns.demo.register(key as ReturnType<typeof freshKey>);
    receipts.push(await run(key.pem, stepOf(key.keyId)));
  }
  for (const at of [2, 1, 0]) {
    expect(readFileSync(join(credentials, "kalshi.pem"), "utf8")).toBe(keys[at]?.pem);
    const { environment, keyId } = { environment: "demo" as const, keyId: keys[0]?.keyId ?? "" };
    // Every key that was in use is still there for whoever wants it back, until its run is taken back.
    expect(await keptPem(world, environment, keyId)).toBe(keys[0]?.pem);
    await takeBack(receipts[at] as (typeof receipts)[number]);
  }
  expect(names()).toEqual([".env", "kalshi.pem"]);
  expect(readFileSync(join(credentials, "kalshi.pem"), "utf8")).toBe("old key");
  expect(readdirSync(paths.secrets)).toEqual([]);
});

test("After a crash between the files, what comes back is the whole pair of before, and not half of each", async () => {
  await run(exchange.keys.demo.pem);
  const first = readFileSync(join(credentials, ".env"), "utf8");
  const second = freshKey();
  exchange.standIns.demo.register(second);
  // The crash: the pair was put aside, and only the key of the new one had been written.
  const { files } = world.machine;
  const crashed = {
    ...files,
    write: async (...args: Parameters<typeof files.write>) => {
      if (args[0] === join(credentials, ".env")) throw new Error("the power is cut");
      return files.write(...args);
    },
    removeTree: async (...args: Parameters<typeof files.removeTree>) => {
      if (!String(args[0]).endsWith("credentials-previous-demo")) return files.removeTree(...args);
    },
  };
  const machine = { ...world.machine, files: crashed };
  await expect(
    stepOf(second.keyId).run({ ...world, machine } as World, jobOf(second.pem).job as never),
  ).rejects.toThrow("the power is cut");
  expect(readFileSync(join(credentials, ".env"), "utf8")).toBe(first);
  await files.write(join(credentials, "kalshi.pem"), second.pem, 0o600);
  const receipt = await run(second.pem, stepOf(second.keyId));
  expect(readFileSync(join(credentials, "kalshi.pem"), "utf8")).toBe(second.pem);
  await takeBack(receipt);
  expect(readFileSync(join(credentials, "kalshi.pem"), "utf8")).toBe(exchange.keys.demo.pem);
  expect(readFileSync(join(credentials, ".env"), "utf8")).toBe(first);
});

test("A file that was changed since stays", async () => {
  const receipt = await run(exchange.keys.demo.pem);
  writeFileSync(join(credentials, "kalshi-auth.txt"), "email:other@example.org\n");
  await expect(takeBack(receipt)).rejects.toMatchObject({ code: "credentials.changed-since" });
  expect(names()).toEqual(["kalshi-auth.txt"]);
});

test("A readable file, a broken key and another key are each found again", async () => {
  await run(exchange.keys.demo.pem);
  await world.machine.files.setMode(join(credentials, "kalshi.pem"), 0o644);
  expect(await look()).toMatchObject({
    level: "fail",
    says: "Other users of this machine may read kalshi.pem of the Kalshi credentials.",
  });
  await world.machine.files.setMode(join(credentials, "kalshi.pem"), 0o600);
  expect(await look(stepOf("11111111-2222-4333-8444-555555555555"))).toMatchObject({
    level: "fail",
    says: expect.stringContaining("another Kalshi key"),
  });
  await world.machine.files.write(join(credentials, "kalshi.pem"), "placeholder", 0o600);
  expect(await look()).toMatchObject({ level: "fail", says: "The Kalshi key in REC.IO's credentials cannot be used." });
});

test("Without a key nothing is written, and the lack stays a warning", async () => {
  const step = writeCredentials({
    kalshi: { kind: "none", environment: "demo" },
    person: { userId: "jane", fullName: "Jane", email: "jane@example.org" },
  });
  expect(await step.describe(world)).toEqual([]);
  expect(await look(step as never)).toMatchObject({ level: "warn" });
  await step.run(world, jobOf(exchange.keys.demo.pem).job as never);
  expect(await world.machine.files.facts(credentials)).toBeUndefined();
});

test("A checkout that was moved away keeps its key, and nobody calls that taken back", async () => {
  const receipt = await run(exchange.keys.demo.pem);
  renameSync(join(folder, "recio"), join(folder, "elsewhere"));
  await expect(takeBack(receipt)).rejects.toMatchObject({ code: "credentials.checkout-away" });
});
