import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright/test";
import { freePort } from "../lib/postgres/test-server.ts";
import { takeTurn } from "../lib/rehearsal/test-turn.ts";
import { expect, type Tab, tabOf, test } from "./fixtures.ts";
import { takePictures } from "./machine/pictures.ts";
import { stateDoor } from "./machine/state-door.ts";
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

test("the first page leads into a rehearsal whose wizard has its answers already", async () => {
  const { page, wizard } = tab;
  const { json } = await stateDoor(real, "setup", "--no-open", `--port=${await freePort()}`);
  await page.goto(String(json.link));
  realOrigin = origin();
  await expect(screen.begin).toBeVisible(patience);
  await expect(screen.band).toHaveCount(0);
  await screen.begin.click();
  await expect(screen.band).toBeVisible(patience);
  expect(origin()).not.toBe(realOrigin);
  await page.reload();
  await expect(screen.band).toBeVisible(patience);

  // The questions that this world answers by itself are answered; whoever wants to sees how.
  await expect(page.getByRole("link", { name: "Go on" })).toBeVisible(patience);
  await wizard.open("checkout");
  await expect(wizard.rung("12 of 12 programs are there and compile.")).toBeVisible(patience);
  await wizard.goOn();
  await wizard.fill("Full name", "Robin Rehearsal");
  await wizard.fill("E-mail", "robin@example.org");
  await wizard.givePassword("rehearse first");
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Which Kalshi key should REC.IO use?", patience);
  await expect(wizard.continue).toBeEnabled(patience);
  // Back and forward again loses nothing.
  await page.goBack();
  await expect(page.getByLabel("Full name")).toHaveValue("Robin Rehearsal", patience);
  await page.goForward();
  await expect(wizard.continue).toBeEnabled(patience);
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Where should REC.IO keep its data?", patience);
  await expect(wizard.continue).toBeEnabled(patience);
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Where do the probabilities come from?", patience);
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Is this what should be done?", patience);
  await expect(wizard.install).toBeEnabled(patience);
});

test("it is installed in front of two tabs; a lost line is said, and taken up again", async () => {
  const { page, wizard, run } = tab;
  await wizard.install.click();
  await expect(run.headline).toHaveText("The installation is running.", patience);
  const second = tabOf(await context.newPage());
  await second.page.goto(page.url());
  await context.setOffline(true);
  await expect(page.getByText("The line to the server is lost")).toBeVisible(patience);
  await context.setOffline(false);
  await expect(page.getByText("The line to the server is lost")).toHaveCount(0, patience);
  await page.reload();
  for (const { run: shown } of [tab, second])
    await expect(shown.headline).toHaveText("Everything in the plan is done and proven.", { timeout: 300_000 });
  expect(await second.run.rows()).toEqual(await run.rows());
  await second.page.close();
  await run.openHealth();
  await expect(tab.health.verdict).toContainText("Installed and working.", patience);
  await takePictures(page, "rehearsal-health");
});

test("every page and every answer says that it is the rehearsal", async () => {
  const { page } = tab;
  const paths = ["/", "/setup", "/setup/review", "/health", "/health/logs", "/health/report", "/rehearsal", "/nowhere"];
  for (const path of paths) {
    await page.goto(origin() + path);
    await expect(screen.band, path).toBeVisible(patience);
  }
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

test("every kind of switch is told, stands beside what the program says, and is mended as it was shown", async () => {
  const { page, health } = tab;
  await page.goto(`${origin()}/health`);
  // A finding with a remedy: what it would change is shown first.
  await screen.lie("All probabilities become 50.00").click();
  const lookup = screen.opened("All probabilities become 50.00");
  await expect(lookup.getByText("until we knew")).toBeVisible(patience);
  await expect(lookup.getByText(/probability_lookup_btc/)).toBeVisible();
  await expect(lookup.getByText("RUNNING")).toBeVisible();
  await expect(health.verdict).toContainText("Not working", patience);
  await takePictures(page, "rehearsal");
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

  // No remedy of ours: only switching it back mends it. The keyboard does it too.
  const alarm = "“Degraded”, although nothing is wrong";
  for (const title of ["A program arms trading, and is told “ok”", alarm]) {
    await screen.lie(title).focus();
    await page.keyboard.press("Space");
    const lie = screen.opened(title);
    await expect(lie.getByText("until we knew")).toBeVisible(patience);
    await screen.lie(title).focus();
    await page.keyboard.press("Space");
    await expect(lie.getByText("All good again after")).toBeVisible(patience);
  }

  // The database itself.
  await screen.lie("The database is switched off").click();
  const database = screen.opened("The database is switched off");
  await expect(database.getByText("until we knew")).toBeVisible(patience);
  await database.getByRole("button", { name: "Start PostgreSQL…" }).click();
  await database.getByRole("button", { name: "Do exactly this" }).click();
  await expect(database.getByText("All good again after")).toBeVisible(patience);
  await expect(health.verdict).toContainText("Installed and working.", patience);
});

test("without a line the health page claims nothing, and knows again when it is back; back and forward keep their place", async () => {
  const { page, health } = tab;
  await context.setOffline(true);
  await expect(health.verdict).toContainText("We do not know.", patience);
  await context.setOffline(false);
  await expect(health.verdict).toContainText("Installed and working.", patience);
  await screen.leaveLink.click();
  await expect(screen.leaveButton).toBeVisible(patience);
  await page.goBack();
  await expect(health.verdict).toContainText("Installed and working.", patience);
});

test("on a telephone nothing is cut off, and the panel waits to be asked for", async () => {
  const { page } = tab;
  await page.setViewportSize({ width: 360, height: 800 });
  for (const path of ["/health", "/health/report", "/health/logs", "/rehearsal", "/setup"]) {
    await page.goto(origin() + path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible(patience);
    const tooWide = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await tooWide(), path).toBe(0);
    await expect(screen.leaveLink).toBeVisible();
  }
  await page.goto(`${origin()}/health`);
  await expect(screen.panel).toHaveCount(0, patience);
  await screen.openPanel.click();
  await expect(screen.panel).toBeVisible();
  await page.setViewportSize({ width: 1280, height: 1150 });
  expect(complaints).toEqual([]);
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
