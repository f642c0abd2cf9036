import { generateKeyPairSync } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import type { BrowserContext } from "playwright/test";
import type { HealthReport } from "../lib/health/report.ts";
import { expect, type Tab, tabOf, test } from "./fixtures.ts";
import { answerEverything } from "./machine/answering.ts";
import { type Ground, openGround } from "./machine/ground.ts";
import { takePictures } from "./machine/pictures.ts";
import { differencesOf, installedReport, untilStatus } from "./machine/settled.ts";
import type { Terminal } from "./machine/terminal.ts";

// One machine for the file: each test goes on where the one before it ended, as a person does.
test.describe.configure({ mode: "serial" });
test.setTimeout(240_000);

let ground: Ground;
let context: BrowserContext;
let tab: Tab;
let terminal: Terminal;
let untouched: string;
/** What the uninterrupted installation came to. */
let uninterrupted: HealthReport;

test.beforeAll(async ({ chrome }) => {
  test.setTimeout(600_000);
  ground = await openGround();
  untouched = ground.checkoutStatus();
  context = await chrome.newContext({ viewport: { width: 1280, height: 900 } });
  tab = tabOf(await context.newPage());
});
test.afterAll(async () => {
  await context?.close();
  await ground?.end();
});

test("a person answers the questions, is told what is wrong and how to mend it, and nothing is changed before consent", async () => {
  const { wizard, page } = tab;
  const setup = await ground.setup();
  terminal = setup.terminal;
  await page.goto(setup.link);
  await wizard.begin();
  await wizard.choose("Another folder");
  await wizard.fill("Path of the checkout", `${ground.checkout.root}/nothing`);
  await expect(wizard.rung(/nothing/)).toBeVisible();
  await expect(wizard.continue).toBeDisabled();
  await wizard.fill("Path of the checkout", ground.checkout.root);
  await expect(wizard.rung("12 of 12 programs are there and compile.")).toBeVisible();
  await wizard.goOn();

  await wizard.fill("User id", "ada");
  await wizard.fill("Full name", "Ada Lovelace");
  await wizard.fill("E-mail", "ada@example.org");
  await wizard.givePassword(ground.password);
  await wizard.goOn();

  await expect(wizard.question).toHaveText("Which Kalshi key should REC.IO use?");
  const anotherFile = test.info().outputPath("another.txt");
  const another = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  writeFileSync(anotherFile, another.export({ type: "pkcs8", format: "pem" }));
  await wizard.fill("Key ID", ground.key.keyId);
  await wizard.chooseKeyFile(anotherFile);
  await expect(wizard.rung(/does not belong|does not fit|signature/i)).toBeVisible();
  await expect(wizard.continue).toBeDisabled();
  await wizard.wayOut("Paste another key");
  await wizard.choose("Production");
  await wizard.chooseKeyFile(ground.key.file);
  await expect(wizard.rung("This is a demo key.")).toBeVisible();
  await expect(wizard.rung("The key is known in demo.")).toBeVisible();
  await takePictures(page, "wizard-kalshi-wrong");
  await wizard.wayOut("Use demo instead");
  await expect(wizard.continue).toBeEnabled();
  await takePictures(page, "wizard-kalshi");
  await wizard.goOn();

  await expect(wizard.question).toHaveText("Where should REC.IO keep its data?");
  await wizard.choose(/comes along/);
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Where do the probabilities come from?");
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Is this what should be done?", { timeout: 60_000 });
  await expect(wizard.plan.getByText("Nothing above this line changes the machine")).toHaveCount(1);
  await expect(page.getByText("New orders are held from the beginning")).toBeVisible();
  expect(ground.checkoutStatus()).toBe(untouched);
  for (const made of [ground.paths.postgresData, ground.paths.python, ground.paths.secrets, ground.paths.supervisor])
    expect(existsSync(made), made).toBe(false);
});

test("a reload keeps what was typed but for secrets, and a new server says which of them it asks for again", async () => {
  const { wizard, page } = tab;
  await wizard.open("you");
  await wizard.fill("Full name", "Ada King");
  await page.reload();
  await expect(page.getByLabel("Full name")).toHaveValue("Ada King");

  const before = ground.serverPid() as number;
  process.kill(before, "SIGKILL");
  await expect.poll(() => ground.serverPid(), { timeout: 30_000 }).not.toBe(before);
  await expect(async () => {
    await wizard.open("review");
    await expect(wizard.stillNeeded).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 30_000 });
  await expect(wizard.stillNeeded.getByRole("listitem")).toHaveText([
    /Give the password again\./,
    /Give the Kalshi key again\./,
  ]);
  await expect(wizard.install).toBeDisabled();
  await expect(wizard.trail).toContainText("ada");
  await expect(wizard.trail).toContainText("embedded");
  await wizard.stillNeeded.getByRole("link").first().click();
  await expect(page.getByLabel("Full name")).toHaveValue("Ada King");
  await expect(page.getByRole("textbox", { name: "E-mail" })).toHaveValue("ada@example.org");
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  await wizard.givePassword(ground.password);
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Is this what should be done?", { timeout: 60_000 });
  await wizard.stillNeeded.getByRole("link", { name: "Kalshi" }).click();
  await expect(wizard.note("Key ID")).toContainText("leave this empty to keep it");
  await wizard.chooseKeyFile(ground.key.file);
  await expect(wizard.continue).toBeEnabled();
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Is this what should be done?", { timeout: 60_000 });
  await expect(wizard.install).toBeEnabled({ timeout: 60_000 });
});

test("the installation runs in front of two tabs, is reloaded in its middle, loses nothing, and is then healthy", async () => {
  const { wizard, run, health, page } = tab;
  await wizard.install.click();
  await expect(run.mark("Build the probability lookup")).toHaveAccessibleName("running", { timeout: 90_000 });
  const second = tabOf(await context.newPage());
  await second.page.goto(page.url());
  const done = (await run.rows()).filter((row) => row.startsWith("ok"));
  const lines = await run.logLines();
  await page.reload();
  await expect(run.mark("Build the probability lookup")).toHaveAccessibleName("running");
  expect(await run.rows()).toEqual(expect.arrayContaining(done));
  expect((await run.logLines()).slice(0, lines.length)).toEqual(lines);
  await takePictures(page, "run", { readme: "run" });

  await expect(run.headline).toHaveText("Everything in the plan is done and proven.", { timeout: 150_000 });
  await expect(second.run.headline).toHaveText("Everything in the plan is done and proven.");
  expect(await second.run.rows()).toEqual(await run.rows());
  expect(await second.run.logLines()).toEqual(await run.logLines());
  expect((await run.rows()).filter((row) => !/^(ok|already so|warn) /.test(row))).toEqual([]);
  await second.page.close();

  await run.openHealth();
  uninterrupted = await installedReport(ground);
  expect(uninterrupted.installed).toBe(true);
  await expect(health.verdict).toContainText("Installed and working.", { timeout: 15_000 });
  await expect.poll(() => terminal.output(), { timeout: 10_000 }).toContain("The run is over: done.");
  expect(ground.outside.requests.notGet()).toEqual([]);
});

test("a dropped column is named within fifteen seconds, and one click after it was shown puts it back", async () => {
  const { health, run, page } = tab;
  const column = "users.trade_preferences_0001.position_size";
  await ground.sql("alter table users.trade_preferences_0001 drop column position_size");
  await untilStatus(ground, 503, 15_000);
  expect((await ground.health()).report.reasons.installed.join(" ")).toContain(column);
  await expect(health.reasons).toContainText(column, { timeout: 15_000 });
  // It keeps the machine from being installed and from being tradable, and is one reason all the same.
  const reasons = await health.reasons.locator("b").allTextContents();
  expect(new Set(reasons).size).toBe(reasons.length);
  await takePictures(page, "health-dropped-column");
  await health.showRepair("Database", "Bring the tables to the shape that REC.IO needs");
  await expect(health.group("Database").getByRole("region", { name: "What it would change" })).toContainText(column);
  expect((await ground.health()).status).toBe(503);
  await health.doRepair("Database");
  await expect(run.headline).toHaveText("The repair is done, and holds.", { timeout: 60_000 });
  await untilStatus(ground, 200, 20_000);
  // The proof of main_app stores another value for a moment and puts the person's back.
  await expect
    .poll(async () => {
      const rows = await ground.sql<{ position_size: number }>(
        "select position_size from users.trade_preferences_0001",
      );
      return rows[0]?.position_size;
    })
    .toBe(1);
});

test("a program that is killed is named with how it ended, and comes back", async () => {
  const status = async () => {
    const { stdout } = await ground.door("recio", "status", "--json");
    const { programs } = JSON.parse(stdout) as { programs: { name: string; pid?: number; state: string }[] };
    return programs.find(({ name }) => name === "trade_executor");
  };
  const { report } = await ground.health();
  const row = () => report.probes.find(({ id }) => id === "programs-running");
  expect(row()?.level).toBe("ok");
  const killed = await ground.killProgram("backend/trade_executor.py");
  expect(killed).toBe(1);
  await expect
    .poll(async () => (await ground.health()).report.probes.find(({ id }) => id === "programs-running")?.says, {
      timeout: 15_000,
      intervals: [200],
    })
    .toMatch(/trade_executor (ended .* ago \(.*KILL.*\)|is (STARTING|BACKOFF|EXITED))/);
  await untilStatus(ground, 200, 30_000);
  expect((await status())?.state).toBe("RUNNING");
});

test("automated entry that is switched on behind our back stays off, and the attempt is shown", async () => {
  const { health } = tab;
  await ground.sql("update users.auto_trade_settings_0001 set auto_entry = true where id = 1");
  const [row] = await ground.sql<{ auto_entry: boolean }>("select auto_entry from users.auto_trade_settings_0001");
  expect(row?.auto_entry).toBe(false);
  await health.open();
  await expect(health.group("Safety")).toContainText("A held switch was to be changed once", { timeout: 15_000 });
  await untilStatus(ground, 200, 20_000);
  await takePictures(tab.page, "health", { readme: "health" });
});

test("uninstall leaves no process, no file, no port, and the checkout as it was", async () => {
  await tab.page.goto("about:blank");
  const databasePort = ground.databasePort();
  const { exit, stdout } = await ground.door("uninstall", "--yes");
  expect(stdout).toContain("Everything was taken back.");
  expect(exit).toBe(0);
  expect((await terminal.ended).stdout).toContain("The page is off.");
  expect(await ground.leftovers(databasePort)).toEqual({ processes: [], listeners: [] });
  expect(existsSync(ground.state)).toBe(false);
  expect(ground.checkoutStatus()).toBe(untouched);
});

test("a server that is killed in the middle of a run comes back, the page offers to go on, and the end is the same", async () => {
  const { wizard, run, page } = tab;
  const setup = await ground.setup();
  await page.goto(setup.link);
  await answerEverything(tab, ground);
  await wizard.install.click();
  await expect(run.mark("Build the probability lookup")).toHaveAccessibleName("running", { timeout: 90_000 });
  const before = ground.serverPid() as number;
  process.kill(before, "SIGKILL");
  // What stands on the page is what was last known, and the page says so.
  await expect(run.lost).toBeVisible({ timeout: 30_000 });
  await expect.poll(() => ground.serverPid(), { timeout: 30_000 }).not.toBe(before);

  const again = await ground.setup();
  await page.goto(again.link);
  await expect(run.headline).toHaveText("The run was interrupted.", { timeout: 30_000 });
  await takePictures(page, "run-interrupted");
  // The secrets died with the server, and the run says so before it asks for them.
  await expect(run.stillNeeded.getByRole("listitem")).toHaveText([
    /^Give the password again/,
    /^Give the Kalshi key again/,
  ]);
  await wizard.open("review");
  await expect(wizard.goOnWithRun).toBeDisabled({ timeout: 60_000 });
  await expect(wizard.install).toHaveCount(0);
  await page.goto(ground.url);
  await run.giveAgain("Give the password again");
  await wizard.givePassword(ground.password);
  await wizard.goOn();
  await run.giveAgain("Give the Kalshi key again");
  await wizard.chooseKeyFile(ground.key.file);
  await wizard.goOn();
  await expect(run.stillNeeded).toHaveCount(0);
  await run.goOn();
  await expect(run.headline).toHaveText("Everything in the plan is done and proven.", { timeout: 150_000 });
  expect((await run.rows()).filter((row) => !/^(ok|already so|warn) /.test(row))).toEqual([]);
  expect(differencesOf(uninterrupted, await installedReport(ground))).toEqual([]);
  const [row] = await ground.sql<{ rows: string }>("select count(*) as rows from analytics.probability_lookup_btc");
  expect(row?.rows).toBe("8840181");
});
