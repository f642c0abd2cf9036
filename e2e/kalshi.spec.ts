import { createPrivateKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Request } from "playwright/test";
import { fault } from "../lib/rehearsal/kalshi/state.ts";
import { expect, type Tab, tabOf, test } from "./fixtures.ts";
import { filesWith, keyLines, processTexts } from "./machine/canary.ts";
import { type Ground, openGround } from "./machine/ground.ts";
import { takePictures } from "./machine/pictures.ts";

// One server for the file; nothing is installed.
test.describe.configure({ mode: "serial" });
test.setTimeout(180_000);

let ground: Ground;
let context: BrowserContext;
let tab: Tab;
/** Every text that the browser was sent, and the address of each request: where a key must never be. */
const heard = new Set<string>();

interface Key {
  keyId: string;
  pem: string;
}

/** A pair of this test's own; the exchange knows what it is told of it. */
function freshPair(bits = 2048) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  return {
    keyId: randomUUID(),
    pem: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

/** The marked key of this file: demo knows it. */
const marked = freshPair();
const given = new Set<string>();

test.beforeAll(async ({ chrome }) => {
  test.setTimeout(600_000);
  ground = await openGround({ installs: false });
  ground.outside.demo.register(marked);
  context = await chrome.newContext({ viewport: { width: 1280, height: 900 } });
  context.on("request", (request: Request) => void heard.add(request.url()));
  context.on("response", async (response) => {
    heard.add(JSON.stringify(await response.allHeaders()));
    // What was built before any key was given is the same for everybody.
    if (!response.url().includes("/_next/static/")) heard.add(await response.text().catch(() => ""));
  });
  tab = tabOf(await context.newPage());
  const { link } = await ground.setup();
  await tab.page.goto(link);
  await expect(tab.wizard.question).toBeVisible();
});
test.afterAll(async () => {
  await context?.close();
  await ground?.end();
});
test.beforeEach(() => {
  ground.outside.demo.faults.clear();
  ground.outside.demo.move({ exchange: "open", clockAheadMs: 0, websocket: "normal" });
});

/** Gives a key on the page of the key, as a person pastes it. */
async function give({ keyId, pem }: Key, environment: "Demo" | "Production" = "Demo"): Promise<void> {
  for (const word of [keyId, ...keyLines(pem)]) given.add(word);
  await tab.wizard.open("kalshi");
  await tab.wizard.choose(environment);
  await tab.wizard.fill("Key ID", keyId);
  await tab.wizard.pasteKey(pem);
  // A text without an end is taken when the field is left.
  await tab.page.keyboard.press("Tab");
}

const pem = (key: ReturnType<typeof createPrivateKey>) => key.export({ type: "pkcs8", format: "pem" }).toString();

test("a demo key in production is called that, and one button puts it right", async () => {
  const { wizard, page } = tab;
  await give(marked, "Production");
  const rung = wizard.rung("This is a demo key.");
  await expect(rung).toContainText("Choose demo");
  await expect(wizard.continue).toBeDisabled();
  await takePictures(page, "key-wrong-environment");
  await wizard.wayOut("Use demo instead");
  await expect(wizard.rung("Kalshi accepts the key.")).toBeVisible();
  await expect(wizard.continue).toBeEnabled();
});

test("a clock that is 43 s slow is told in seconds, before anything is signed", async () => {
  ground.outside.demo.move({ clockAheadMs: 43_000 });
  const before = ground.outside.requests.all().length;
  await give(marked);
  const rung = tab.wizard.rung(/This machine's clock is 4[234] s slow\./);
  await expect(rung).toContainText("timedatectl set-ntp true");
  await expect(tab.wizard.continue).toBeDisabled();
  await expect(tab.page.getByRole("complementary")).toContainText(/clock is 4[234] s slow; Kalshi would refuse/);
  await takePictures(tab.page, "key-clock");
  const asked = ground.outside.requests.all().slice(before);
  expect(asked.map(({ key }) => key)).not.toContain("known");
});

test("the key of another pair is told from a wrong key", async () => {
  await give({ ...marked, pem: freshPair().pem });
  const rung = tab.wizard.rung("Key id and private key do not belong together.");
  await expect(rung).toContainText("Every key has its own id");
  await takePictures(tab.page, "key-pair");
});

test("an Ed25519 key is Kalshi's proposal and nothing for REC.IO", async () => {
  await give({ keyId: marked.keyId, pem: pem(generateKeyPairSync("ed25519").privateKey) });
  const rung = tab.wizard.rung("This is an Ed25519 key: Kalshi accepts it, REC.IO cannot sign with it.");
  await expect(rung).toContainText("choose RSA");
  await expect(tab.page.getByRole("complementary")).toContainText("REC.IO cannot sign with Ed25519 keys");
  await takePictures(tab.page, "key-ed25519");
});

test("a paused exchange says nothing against the key", async () => {
  ground.outside.demo.move({ exchange: "paused" });
  await give(marked);
  await expect(tab.wizard.rung(/The exchange pauses trading/)).toBeVisible();
  await expect(tab.wizard.continue).toBeEnabled();
  const column = tab.page.getByRole("complementary");
  await expect(column).toContainText("Kalshi accepts this key; the exchange pauses trading now.");
  await expect(column).toContainText("Nothing is to be done");
  await takePictures(tab.page, "key-paused");
});

test("an exchange that heals after two 503s is asked again and found open", async () => {
  ground.outside.demo.faults.set(fault.parse({ path: "/exchange/status", status: 503, body: "{}", times: 2 }));
  const before = ground.outside.requests.all().length;
  await give(marked);
  await expect(tab.wizard.rung("The exchange is open.")).toBeVisible();
  await expect(tab.wizard.continue).toBeEnabled();
  const asked = ground.outside.requests.all().slice(before);
  expect(asked.filter(({ path }) => path.endsWith("/exchange/status")).map(({ status }) => status)).toEqual([
    503, 503, 200,
  ]);
  await takePictures(tab.page, "key-healed");
});

test("id and key in each other's place go to their own, and a locked key is opened with its passphrase", async () => {
  const { wizard, page } = tab;
  await wizard.open("kalshi");
  await wizard.choose("Demo");
  const locked = createPrivateKey(marked.pem)
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" })
    .toString();
  await wizard.fill("Key ID", locked);
  await expect(wizard.note("Key ID")).toHaveText("That was the private key; it stands in its own place now.");
  await expect(page.getByLabel("Key ID", { exact: true })).toHaveValue("");
  await wizard.fill("Key ID", ` {${marked.keyId.toUpperCase()}} `);
  await expect(wizard.rung("The key is encrypted with a passphrase")).toContainText("Give its passphrase");
  await page.getByLabel("Passphrase of the key").fill("open barley");
  await page.getByRole("button", { name: "Open the key" }).click();
  await expect(wizard.rung("The passphrase does not open the key.")).toBeVisible();
  await page.getByLabel("Passphrase of the key").fill("open sesame");
  await page.getByRole("button", { name: "Open the key" }).click();
  await expect(wizard.rung("Kalshi accepts the key.")).toBeVisible();
  await expect(wizard.rung("The private key is RSA with 2048 bits.")).toContainText("decrypted in memory");
  await takePictures(page, "key-opened");
});

test("every way in which a key ends is said on the page, and a dropped file is read like a pasted one", async () => {
  const { wizard, page } = tab;
  const { demo } = ground.outside;
  const readOnly = freshPair();
  const narrow = freshPair();
  demo.register({ ...readOnly, scopes: ["read"] });
  demo.register({ ...narrow, scopes: ["write::trade"] });
  const html = { body: "<html>", headers: { "content-type": "text/html" } };
  const balance = "/portfolio/balance";
  const set = (what: Parameters<typeof fault.parse>[0]) => demo.faults.set(fault.parse(what));
  const noFunds = () => {
    // In 2025 there was one balance.
    demo.speak("today");
    demo.move({ shards: { "0": 5_000, "2": 0 } });
  };
  const ends: [key: Key, arrange: () => void, says: string | RegExp][] = [
    [readOnly, () => {}, "Kalshi accepts this key for reading"],
    [narrow, () => {}, "does not let it read the balance"],
    [freshPair(), () => {}, "neither in demo nor in production"],
    [marked, () => set({ path: balance, status: 429, body: '{"error":"too many requests"}' }), "asks too often"],
    [marked, () => demo.move({ exchange: "down" }), "The exchange is down."],
    [marked, noFunds, "no money lies where Bitcoin markets trade"],
    [marked, () => set({ path: balance, status: 403, ...html }), "HTTP 403"],
    [marked, () => set({ path: "/exchange/status", reset: true }), "breaks off"],
    [{ ...marked, pem: `${marked.pem.slice(0, 900)}` }, () => {}, "cut off"],
  ];
  for (const [key, arrange, says] of ends) {
    demo.faults.clear();
    demo.speak("2025");
    demo.move({ exchange: "open", shards: { "0": 0, "2": 123_456 } });
    arrange();
    await give(key);
    await expect(page.getByRole("complementary")).toContainText(says);
  }
  demo.faults.clear();
  demo.move({ exchange: "open" });
  await wizard.open("kalshi");
  await wizard.choose("Demo");
  await wizard.fill("Key ID", marked.keyId);
  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "kalshi.key"));
    return transfer;
  }, marked.pem);
  await page.locator(".key-box").dispatchEvent("drop", { dataTransfer: dropped });
  await expect(wizard.rung("Kalshi accepts the key.")).toBeVisible();
  await expect(page.locator(".key-box")).toContainText("kalshi.key");
});

test("one text with both is taken apart, and a file of bytes is read as what it is", async () => {
  const { wizard, page } = tab;
  await wizard.open("kalshi");
  await wizard.choose("Demo");
  await wizard.pasteKey(`Kalshi, demo\nKey ID: ${marked.keyId}\n${marked.pem}`);
  await page.keyboard.press("Tab");
  await expect(wizard.note("Key ID")).toContainText("The key id stood beside the private key");
  await expect(wizard.rung("Kalshi accepts the key.")).toBeVisible();
  const der = createPrivateKey(marked.pem).export({ type: "pkcs8", format: "der" });
  await wizard.open("kalshi");
  await wizard.fill("Key ID", marked.keyId);
  await page
    .getByLabel("File of the private key")
    .setInputFiles({ name: "kalshi.der", mimeType: "application/octet-stream", buffer: der });
  await expect(wizard.rung("The private key is RSA with 2048 bits.")).toBeVisible();
  await expect(wizard.rung("Kalshi accepts the key.")).toBeVisible();
});

test("after all of that, no part of a key is anywhere but with the person who gave it", async () => {
  const words = [...given];
  const lines = words.filter((text) => text.length === 64);
  expect(lines.length).toBeGreaterThan(100);
  writeFileSync(join(ground.state, "canary"), lines[0] ?? "");
  expect(filesWith(ground.state, lines), "the search finds what is there").toEqual(["/canary"]);
  writeFileSync(join(ground.state, "canary"), "");
  expect(filesWith(ground.state, words)).toEqual([]);
  const folder = join(ground.state, "..");
  // The file that the person keeps the key of this ground in is theirs.
  expect(filesWith(folder, lines).filter((path) => !path.endsWith("my kalshi key.txt"))).toEqual([]);
  const processes = processTexts().join("\n");
  const texts = [
    ...heard,
    processes,
    await tab.page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage })),
  ];
  for (const text of texts)
    expect(
      words.some((word) => text.includes(word)),
      text.slice(0, 200),
    ).toBe(false);
  expect(ground.outside.requests.notGet()).toEqual([]);
});
