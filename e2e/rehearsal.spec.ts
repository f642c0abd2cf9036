import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright/test";
import { projectRoot, statePaths } from "../lib/paths.ts";
import { freePort } from "../lib/postgres/test-server.ts";
import { takeTurn } from "../lib/rehearsal/test-turn.ts";
import { rehearsalPlaces } from "../lib/rehearsal/world/places.ts";
import { expect, type Tab, tabOf, test } from "./fixtures.ts";
import { filesWith, keyLines, processTexts } from "./machine/canary.ts";
import { takePictures, tooWideAt } from "./machine/pictures.ts";
import { stateDoor } from "./machine/state-door.ts";
import { Keyboard } from "./screens/keyboard.ts";
import { RehearsalScreen } from "./screens/rehearsal.ts";

// One rehearsal for the file: from the first page into it, through it, and out of it.
test.describe.configure({ mode: "serial" });
test.setTimeout(480_000);

/** A machine that runs other tests too may need this long for what takes seconds. */
const patience = { timeout: 120_000 };

let folder: string;
let real: string;
let rehearsal: string;
let realOrigin: string;
let next: () => Promise<void>;
let context: BrowserContext;
let tab: Tab;
let screen: RehearsalScreen;
const complaints: string[] = [];

test.beforeAll(async ({ chrome }) => {
  test.setTimeout(900_000);
  next = await takeTurn();
  folder = mkdtempSync(join(tmpdir(), "rt-"));
  // As a home folder is: the user of the stand-in programs passes through.
  chmodSync(folder, 0o711);
  real = join(folder, "s");
  rehearsal = `${real}-rehearsal`;
  context = await chrome.newContext({ viewport: { width: 1280, height: 1150 } });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  tab = tabOf(page);
  screen = new RehearsalScreen(page);
});
test.afterAll(async () => {
  test.setTimeout(240_000);
  await context?.close();
  if (existsSync(rehearsal)) await stateDoor(rehearsal, "uninstall", "--rehearsal", "--yes").catch(() => undefined);
  await stateDoor(real, "uninstall", "--yes").catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
  await next();
});

const origin = () => new URL(tab.page.url()).origin;

test("the first page leads into a rehearsal", async () => {
  const { page } = tab;
  const { json } = await stateDoor(real, "setup", "--no-open", `--port=${await freePort()}`);
  await page.goto(String(json.link));
  realOrigin = origin();
  await expect(screen.begin).toBeVisible(patience);
  await expect(screen.band).toHaveCount(0);
  expect(await tooWideAt(page, 360)).toBe(0);
  await takePictures(page, "first");
  await new Keyboard(page).press(screen.begin, "Enter");
  await expect(screen.band).toBeVisible(patience);
  const there = origin();
  expect(there).not.toBe(realOrigin);
  await page.reload();
  await expect(screen.band).toBeVisible(patience);
  // Back is the real page, and from there it is the same rehearsal and not a second one.
  await page.goBack();
  await expect(screen.begin).toBeVisible(patience);
  expect(origin()).toBe(realOrigin);
  await screen.begin.click();
  await expect(screen.band).toBeVisible(patience);
  expect(origin()).toBe(there);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("the sample answers install it, and the page says so", async () => {
  const { page, health } = tab;
  const answers = join(projectRoot(), "e2e/answers/rehearsal.json");
  const installed = await stateDoor(rehearsal, "setup", "--rehearsal", "--answers", answers, "--no-open");
  expect(installed.json).toMatchObject({ rehearsal: true, installed: true });
  await page.goto(`${origin()}/health`);
  await expect(health.verdict).toContainText("Installed and working.", patience);
  await takePictures(page, "rehearsal-health");
});

test("another key takes the installed one's place from the health page, and the one before is put back", async () => {
  const { page, health, wizard, run } = tab;
  const { checkout, spareKeys } = rehearsalPlaces({ state: rehearsal });
  const folder = join(checkout, "backend/data/users/user_0001/credentials/kalshi-credentials");
  const stored = (environment: "demo" | "prod") =>
    [".env", "kalshi.pem", "kalshi-auth.txt"].map((name) => readFileSync(join(folder, environment, name), "utf8"));
  const mode = () => readFileSync(statePaths(rehearsal).accountMode, "utf8");
  const before = stored("demo");

  await health.open();
  await health.giveAnotherKey();
  // The file holds the id beside the key: both come to their places.
  await wizard.chooseKeyFile(spareKeys.prod);
  await expect(wizard.rung("This is a production key.")).toBeVisible(patience);
  await expect(wizard.continue).toBeDisabled();
  await wizard.wayOut("Use production instead");
  await expect(wizard.rung("Kalshi accepts the key.")).toBeVisible(patience);
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Is this what the key should change?", patience);
  await expect(wizard.changes).toContainText("kalshi_account_sync");
  await takePictures(page, "key-change");
  expect(mode()).toContain("demo");
  await wizard.doExactlyThis();
  await expect(run.headline).toHaveText("REC.IO has the other key, and works with it.", patience);
  const given = readFileSync(spareKeys.prod, "utf8");
  const [dotenv = "", pem = "", shown = ""] = stored("prod");
  const keyId = /KALSHI_API_KEY_ID=(.*)/.exec(dotenv)?.[1] ?? "none";
  expect(given).toContain(keyId);
  expect(given).toContain(pem);
  expect(shown).toContain(`key:${keyId}`);
  expect(mode()).toContain("prod");

  await run.putKeyBack();
  await expect(wizard.question).toHaveText("Is this what the key should change?", patience);
  await wizard.doExactlyThis();
  await expect(run.headline).toHaveText("REC.IO has the other key, and works with it.", patience);
  expect(mode()).toContain("demo");
  expect(stored("demo")).toEqual(before);
  await health.open();
  await expect(health.verdict).toContainText("Installed and working.", patience);

  // Neither key is anywhere but in its files: not in a log, a journal, the page or a process.
  const ids = [...before, ...stored("prod")].flatMap((text) => /KALSHI_API_KEY_ID=(.*)/.exec(text)?.[1] ?? []);
  const words = [...ids, ...[before, stored("prod")].flatMap(([, key = ""]) => keyLines(key))];
  expect(words.length).toBeGreaterThan(40);
  const leaveOut = [statePaths(rehearsal).postgresData, rehearsalPlaces({ state: rehearsal }).source];
  // The rehearsal plays Kalshi as well, which knows the ids, and the person, who keeps the files of the keys.
  const own =
    /^\/(kalshi-key-ids\.json|secrets\/credentials-before-.*|rehearsal\/(\w+\.json|kalshi\.pem|[\w-]+-key\.txt|rec_io\/.*\/kalshi-credentials\/.*))$/;
  expect(filesWith(rehearsal, words, leaveOut).filter((file) => !own.test(file))).toEqual([]);
  const texts = [...processTexts(), await page.content()];
  expect(texts.filter((text) => words.some((word) => text.includes(word)))).toEqual([]);
});

test("every page and every answer says that it is the rehearsal", async () => {
  const { page } = tab;
  const paths = ["/", "/setup", "/setup/review", "/health", "/health/logs", "/health/report", "/rehearsal", "/nowhere"];
  for (const path of paths) {
    await page.goto(origin() + path);
    await expect(screen.band, path).toBeVisible(patience);
    expect(await tooWideAt(page, 360), path).toBe(0);
  }
  await page.goto(`${origin()}/health`);
  await page.getByRole("link", { name: "Logs" }).first().click();
  await expect(page).toHaveURL(/\/health\/logs/);
  await page.goBack();
  await expect(tab.health.verdict).toContainText("Installed and working.", patience);
  for (const path of ["/api/health", "/api/health/history", "/api/trading", "/api/rehearsal", "/api/logs/main_app"]) {
    const answer = await page.request.get(origin() + path);
    expect(await answer.json(), path).toMatchObject({ rehearsal: true });
  }
  const outside = await fetch(`${origin()}/api/health`);
  expect(await outside.json()).toMatchObject({ rehearsal: true });
  for (const words of [["doctor"], ["trading", "status"], ["recio", "status"], ["connection"]])
    expect((await stateDoor(rehearsal, ...words, "--rehearsal")).json, words.join(" ")).toMatchObject({
      rehearsal: true,
    });
});

test("two switches are told, each stands beside what the program says, and each is mended as it was shown", async () => {
  const { page, health } = tab;
  await page.goto(`${origin()}/health`);
  // A finding with a remedy: what it would change is shown first.
  await new Keyboard(page).press(screen.lie("All probabilities become 50.00"), "Space");
  const lookup = screen.opened("All probabilities become 50.00");
  await expect(lookup.getByText("until we knew")).toBeVisible(patience);
  await expect(lookup.getByText(/probability_lookup_btc/)).toBeVisible();
  await expect(lookup.getByText("RUNNING")).toBeVisible();
  await expect(health.verdict).toContainText("Not working", patience);
  expect(await tooWideAt(page, 360)).toBe(0);
  await takePictures(page, "rehearsal", { readme: "rehearsal", asSeen: true });
  // A second cause beside it, and the other tab sees the same.
  await screen.lie("A program is down, and the page does not say so").click();
  const down = screen.opened("A program is down, and the page does not say so");
  await expect(down.getByText(/trade_executor/).first()).toBeVisible(patience);
  await expect(down.getByText("until we knew")).toBeVisible(patience);
  const second = await context.newPage();
  await second.goto(`${origin()}/health`);
  const there = new RehearsalScreen(second);
  await expect(there.lie("All probabilities become 50.00")).toBeChecked(patience);
  await second.close();
  await lookup.getByRole("button", { name: "Rebuild the lookup…" }).click();
  await expect(lookup.getByRole("region", { name: "What it would change" })).toContainText(
    "analytics.probability_lookup_btc",
    patience,
  );
  await expect(screen.lie("All probabilities become 50.00")).toBeChecked();
  await lookup.getByRole("button", { name: "Do exactly this" }).click();
  await expect(lookup.getByText("All good again after")).toBeVisible(patience);
  await down.getByRole("button", { name: "Start what is down…" }).click();
  await down.getByRole("button", { name: "Do exactly this" }).click();
  await expect(down.getByText("All good again after")).toBeVisible(patience);
  await expect(health.verdict).toContainText("Installed and working.", patience);
});

test("leaving takes everything with it, and the real page knows nothing of it", async () => {
  await screen.leaveLink.click();
  await screen.leaveButton.click();
  await expect(screen.gone).toBeVisible(patience);
  await expect(() => expect(existsSync(rehearsal)).toBe(false)).toPass(patience);
  const health = await fetch(`${realOrigin}/api/health`);
  expect(await health.json()).toMatchObject({ rehearsal: false, installed: false });
  await stateDoor(real, "uninstall", "--yes");
  expect(readdirSync(folder)).toEqual([]);
});
