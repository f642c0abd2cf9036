import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "playwright/test";
import { checkoutFiles, freshKey, type TestExchange, testExchange } from "../kalshi/test-exchange.ts";
import { fault } from "../rehearsal/kalshi/state.ts";
import { buildFixture, type DoorBench, openBench, removeFixture } from "../server/fixture/fixture-build.ts";

let buildFolder: string;
let exchange: TestExchange;
let bench: DoorBench;

test.beforeAll(async () => {
  buildFolder = await buildFixture();
});
test.afterAll(() => removeFixture());
test.beforeEach(async () => {
  exchange = await testExchange("today");
  bench = openBench(buildFolder, {
    REC_SETUP_KALSHI_PROD_URL: exchange.urls.prod.rest,
    REC_SETUP_KALSHI_DEMO_URL: exchange.urls.demo.rest,
  });
});
test.afterEach(async () => {
  await exchange.stop();
  await bench.close();
});

interface Checked {
  outcome: string;
  rungs: { id: string; level: string; says: string; tookMs: number | null }[];
  says: string;
  remedy: string | null;
  receipt: { id: string; level: string; says: string }[];
}

function write(name: string, text: string): string {
  const file = join(bench.folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

async function check(
  env: string,
  keyId: string,
  pem: string,
  ...more: string[]
): Promise<Checked & { exit: number | null }> {
  const end = await bench.door(
    "check-key",
    "--env",
    env,
    "--key-id",
    keyId,
    "--pem",
    write("key.pem", pem),
    ...more,
    "--json",
  );
  expect(end.stdout.trimEnd().split("\n"), end.stderr).toHaveLength(1);
  const checked = JSON.parse(end.stdout) as Checked;
  expect(Object.keys(checked)).toEqual(["outcome", "rungs", "says", "remedy", "receipt"]);
  for (const rung of checked.rungs) expect(Object.keys(rung)).toEqual(["id", "level", "says", "tookMs"]);
  expect(exchange.requests.notGet()).toEqual([]);
  expect(existsSync(bench.state)).toBe(false);
  return { ...checked, exit: end.code };
}

test("a good key ends with 0 and a receipt that is read from the checkout it is named", async () => {
  for (const [file, text] of Object.entries(checkoutFiles)) write(join("rec_io", file), text);
  const { keyId, pem } = exchange.keys.demo;
  const checked = await check("demo", keyId, pem, "--checkout", join(bench.folder, "rec_io"));
  expect(checked).toMatchObject({ outcome: "ok", exit: 0, says: "Kalshi accepts this key.", remedy: null });
  expect(checked.rungs.map(({ id, level }) => `${id} ${level}`)).toEqual([
    "key ok",
    "key-id ok",
    "self-test ok",
    "host ok",
    "clock ok",
    "exchange ok",
    "accepted ok",
    "rights warn",
    "markets warn",
    "funds ok",
    "websocket ok",
  ]);
  const receipt = Object.fromEntries(checked.receipt.map(({ id, level, says }) => [id, `${level}: ${says}`]));
  expect(receipt.orders).toMatch(/^fail: .*\/portfolio\/orders \(backend\/trade_executor\.py:\d+\) since 30 June 2026/);
  expect(receipt["market-data"]).toMatch(/^fail: .*yes_bid/);
  expect(receipt["account-feed"]).toMatch(/^warn: .*api\.elections\.kalshi\.com/);
  expect(receipt["move-money"]).toMatch(/^warn:/);
  expect(readdirSync(bench.folder).sort()).toEqual(["door.cjs", "key.pem", "rec_io"]);
});

test("what is wrong is named, with its remedy, and ends with 1", async () => {
  const own = exchange.keys.prod;
  const ed25519 = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const cases: [outcome: string, keyId: string, pem: string, says: RegExp, remedy: RegExp][] = [
    ["wrong_environment", exchange.keys.demo.keyId, exchange.keys.demo.pem, /This is a demo key/, /Choose demo/],
    ["pair_mismatch", own.keyId, freshKey().pem, /do not belong together/, /own id/],
    ["unknown_key", freshKey().keyId, own.pem, /neither in production nor in demo/, /Compare the id/],
    ["key_not_usable_by_recio", own.keyId, ed25519, /Ed25519/, /choose RSA/],
    ["bad_key", own.keyId, "not a key", /not a private key/, /Kalshi offered/],
    ["bad_key", "my key", own.pem, /does not look like/, /Copy the id/],
  ];
  for (const [outcome, keyId, pem, says, remedy] of cases) {
    const checked = await check("prod", keyId, pem);
    expect(checked).toMatchObject({ outcome, exit: 1 });
    expect(checked.says).toMatch(says);
    expect(checked.remedy).toMatch(remedy);
    expect(JSON.stringify(checked)).not.toContain(keyId);
  }
  exchange.standIns.prod.move({ clockAheadMs: 43_000 });
  expect(await check("prod", own.keyId, own.pem)).toMatchObject({
    outcome: "clock",
    says: expect.stringMatching(/43 s slow/),
  });
  exchange.standIns.prod.move({ clockAheadMs: 0, exchange: "paused" });
  expect(await check("prod", own.keyId, own.pem)).toMatchObject({ outcome: "ok_exchange_paused", exit: 0 });
  exchange.standIns.prod.move({ exchange: "open" });
  exchange.standIns.prod.faults.set(fault.parse({ path: "/exchange/status", reset: true }));
  expect(await check("prod", own.keyId, own.pem)).toMatchObject({ outcome: "network", exit: 1 });
});

test("a person reads the rungs, the sentence and the receipt, and never the key", async () => {
  const { keyId, pem } = exchange.keys.prod;
  const end = await bench.door("check-key", "--env=prod", `--key-id=${keyId}`, `--pem=${write("k.pem", pem)}`);
  expect(end.code, end.stderr).toBe(0);
  expect(end.stdout).toMatch(/^ok {8}The private key is RSA with 2048 bits\. \(\d+ ms\)$/m);
  expect(end.stdout).toMatch(/^Kalshi accepts this key\.$/m);
  expect(end.stdout).toMatch(/^What REC\.IO can do with it:$/m);
  expect(end.stdout).not.toContain(keyId);
  for (const line of pem.split("\n").slice(1, -2)) expect(end.stdout).not.toContain(line);
});

test("every outcome has the same shape, and the one that ranks before names a key of which several hold", async () => {
  const { prod } = exchange.standIns;
  const narrow = freshKey();
  const reading = freshKey();
  prod.register({ ...narrow, scopes: ["write::trade"] });
  prod.register({ ...reading, scopes: ["read"] });
  const own = exchange.keys.prod;
  const empty = { "0": 5_000, "2": 0 };
  const balance = (status: number, body: string) =>
    prod.faults.set(fault.parse({ path: "/portfolio/balance", status, body }));
  const cases: [outcome: string, key: { keyId: string; pem: string }, arrange: () => void][] = [
    ["ok_read_only", reading, () => prod.move({ exchange: "paused", shards: empty })],
    ["ok_exchange_paused", own, () => prod.move({ exchange: "paused", shards: empty })],
    ["ok_no_crypto_funds", own, () => prod.move({ shards: empty })],
    ["restricted", narrow, () => {}],
    ["rate_limited", own, () => balance(429, '{"error":"too many requests"}')],
    ["exchange_down", own, () => prod.move({ exchange: "down" })],
    ["unexpected", own, () => balance(418, "a teapot")],
  ];
  for (const [outcome, { keyId, pem }, arrange] of cases) {
    prod.faults.clear();
    prod.move({ exchange: "open", shards: { "2": 123_456 } });
    arrange();
    const checked = await check("prod", keyId, pem);
    expect(checked).toMatchObject({ outcome, exit: outcome.startsWith("ok") ? 0 : 1 });
    expect(checked.remedy).not.toBeNull();
  }
});

test("an encrypted key is opened with a passphrase from a file, in memory", async () => {
  const { keyId, pem } = exchange.keys.demo;
  const encrypted = createPrivateKey(pem)
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" })
    .toString();
  expect(await check("demo", keyId, encrypted)).toMatchObject({
    outcome: "bad_key",
    exit: 1,
    remedy: expect.stringMatching(/passphrase/),
  });
  const right = write("passphrase", "open sesame\n");
  expect(await check("demo", keyId, encrypted, "--passphrase-file", right)).toMatchObject({ outcome: "ok", exit: 0 });
  const wrong = write("passphrase", "open barley\n");
  expect(await check("demo", keyId, encrypted, "--passphrase-file", wrong)).toMatchObject({
    outcome: "bad_key",
    says: "The passphrase does not open the key.",
  });
});

test("a command line that lacks something is one sentence, and a rehearsal that is not there is said to be none", async () => {
  const { keyId, pem } = exchange.keys.demo;
  const file = write("key.pem", pem);
  for (const args of [[], ["--env", "demo", "--key-id", keyId], ["--env", "beta", "--key-id", keyId, "--pem", file]]) {
    const end = await bench.door("check-key", ...args, "--json");
    expect(end.code).toBe(2);
    expect(JSON.parse(end.stdout)).toMatchObject({ problem: { code: "cli.not-understood" } });
  }
  // What was put in another's place is not repeated: it may be the key.
  const oneLine = pem.replaceAll("\n", " ");
  for (const [args, code, says] of [
    [["--env", "demo", "--key-id", keyId, "--pem", pem], "cli.key-not-a-file", /private key itself/],
    [["--env", "demo", "--key-id", keyId, `--pem=${oneLine}`], "cli.key-not-a-file", /private key itself/],
    [["--env", "demo", "--key-id", file, "--pem", keyId], "cli.key-not-a-file", /key id stands/],
    [
      ["--env", "demo", "--key-id", keyId, "--pem", ...oneLine.split(" ").slice(4, 8)],
      "cli.not-understood",
      /one of the words/,
    ],
    [["--env", pem, "--key-id", keyId, "--pem", file], "cli.not-understood", /one of the words/],
    [["--env", "demo", "--key-id", keyId, "--pem", dirname(file)], "file.not-readable", /is not a file/],
  ] as const) {
    const end = await bench.door("check-key", ...args, "--json");
    expect(end.code).toBe(code === "cli.not-understood" ? 2 : 1);
    expect(JSON.parse(end.stdout)).toMatchObject({ problem: { code, says: expect.stringMatching(says) } });
    for (const part of [keyId, ...pem.split("\n").slice(1, -2)]) expect(end.stdout + end.stderr).not.toContain(part);
  }
  const none = await bench.door("check-key", "--env", "demo", "--key-id", keyId, "--pem", `${file}.none`, "--json");
  expect(JSON.parse(none.stdout)).toMatchObject({ problem: { code: "file.not-readable" } });
  const rehearsal = await bench.door(
    "check-key",
    "--rehearsal",
    "--env",
    "demo",
    "--key-id",
    keyId,
    "--pem",
    file,
    "--json",
  );
  expect(JSON.parse(rehearsal.stdout)).toMatchObject({ problem: { code: "rehearsal.not-there" } });
});
