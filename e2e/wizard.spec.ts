import { writeFileSync } from "node:fs";
import { expect, test } from "./fixtures.ts";
import { takePictures } from "./machine/pictures.ts";
import { Keyboard } from "./screens/keyboard.ts";

const key = `-----BEGIN PRIVATE KEY-----\n${Array(26).fill("QUJD".repeat(16)).join("\n")}\n-----END PRIVATE KEY-----\n`;

test("a wrong code opens nothing, and the page says so in one sentence", async ({ serve, page, entry }) => {
  const server = await serve();
  await page.goto(server.url);
  await entry.typeCode("not-a-code");
  await expect(entry.refusal).toContainText("This code is wrong, was used before, or is older than ten minutes.");
  await expect(entry.title).toBeVisible();
});

test("the link of the terminal lets in, and its code does not stay in the address", async ({ serve, page, letIn }) => {
  const server = await serve();
  const { wizard } = await letIn(server);
  await expect(wizard.question).toHaveText("This installs REC.IO, and proves that it works.");
  expect(page.url()).not.toContain("code");
  expect(await page.evaluate(() => localStorage.getItem("rec-io-setup.write-token"))).toMatch(/^[\w-]{22}$/);
});

test("the wizard keeps what was typed, refuses at the field, and installs what was agreed to", async ({
  serve,
  page,
  letIn,
}, info) => {
  const server = await serve("--second-ms=60", "--fails-at=create-python-environment");
  const { wizard, run } = await letIn(server);
  await wizard.begin();
  await expect(wizard.rung("It is REC.IO.")).toBeVisible();
  await wizard.choose(/088d3e4/);
  await wizard.agree(/Go on without kalshi_account_sync/);
  await wizard.goOn();

  await expect(wizard.question).toHaveText("Who will use it?");
  await wizard.fill("Full name", "Ada Lovelace");
  await page.reload();
  await expect(page.getByLabel("Full name")).toHaveValue("Ada Lovelace");
  await wizard.fill("E-mail", "ada@");
  await wizard.givePassword("correct horse", "correct hors");
  await wizard.goOn();
  await expect(wizard.note("E-mail")).toHaveText("The e-mail address does not look like one.");
  await expect(wizard.note("The same again")).toHaveText("The two passwords are not the same.");
  await expect(page.getByRole("textbox", { name: "E-mail" })).toBeFocused();
  await expect(page.getByLabel("Full name")).toHaveValue("Ada Lovelace");
  await wizard.fill("E-mail", "ada@example.org");
  await wizard.givePassword("correct horse");
  await wizard.goOn();

  await expect(wizard.question).toHaveText("Which Kalshi key should REC.IO use?");
  await expect(wizard.continue).toBeDisabled();
  const file = info.outputPath("kalshi-key.txt");
  writeFileSync(file, key);
  await wizard.choose(/Production/);
  await wizard.fill("Key ID", " a952bcbe-ec3b-4b5b-b8f9-11dae589608c ");
  await wizard.chooseKeyFile(file);
  await expect(wizard.rung("This is a demo key.")).toBeVisible();
  expect(await page.content()).not.toContain("QUJDQUJD");
  await takePictures(page, "wizard", { readme: "wizard" });
  await wizard.wayOut("Use demo instead");
  await expect(wizard.continue).toBeEnabled();
  await wizard.goOn();

  await expect(wizard.question).toHaveText("Where should REC.IO keep its data?");
  await wizard.choose(/REC.IO’s own/);
  await expect(wizard.rung("Port 15432 is taken by postgres (process 812).")).toBeVisible();
  await wizard.fill("Port", "40000");
  await expect(wizard.note("Port")).toHaveText("The port of the embedded PostgreSQL must be below 32768.");
  await expect(wizard.continue).toBeDisabled();
  await wizard.fill("Port", "15433");
  await expect(wizard.continue).toBeEnabled();
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Where do the probabilities come from?");
  await wizard.choose(/a backup of mine/);
  await expect(wizard.continue).toBeDisabled();
  await wizard.fill("The file, on this machine", "rec_io.dump");
  await wizard.goOn();
  await expect(wizard.note("The file, on this machine")).toHaveText("The file of the backup must begin with / or ~/.");
  await wizard.fill("The file, on this machine", "/home/ada/my rec_io.dump");
  await wizard.goOn();

  await expect(wizard.question).toHaveText("Is this what should be done?");
  await expect(wizard.trail).toContainText("out of a backup");
  await expect(wizard.plan.getByText("Nothing above this line changes the machine")).toHaveCount(1);
  await expect(wizard.trail).toContainText("~/rec_io-088d3e4");
  await expect(wizard.trail).toContainText("embedded, port 15433");
  await wizard.install.click();

  await expect(run.failure).toContainText("pip ended without an error, yet Python cannot import psycopg2.");
  await run.retry();
  await expect(run.headline).toHaveText("Everything in the plan is done and proven.");
});

test("the browser's back button shows what was saved, on a page that was left untouched too, and forward goes on", async ({
  serve,
  page,
  letIn,
}) => {
  const server = await serve("--second-ms=60");
  const { wizard } = await letIn(server);
  await wizard.begin();
  await wizard.choose(/088d3e4/);
  await wizard.agree(/Go on without kalshi_account_sync/);
  await wizard.goOn();
  await wizard.fill("Full name", "Ada Lovelace");
  await wizard.fill("E-mail", "ada@example.org");
  await wizard.givePassword("correct horse");
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Which Kalshi key should REC.IO use?");
  await page.goBack();
  await expect(wizard.question).toHaveText("Who will use it?");
  await expect(page.getByLabel("Full name")).toHaveValue("Ada Lovelace");
  await expect(page.getByRole("textbox", { name: "E-mail" })).toHaveValue("ada@example.org");
  // The password that was given is held, and not asked for again.
  await expect(wizard.continue).toBeEnabled();
  await page.goBack();
  await expect(wizard.question).toHaveText("Which REC.IO should be installed?");
  await expect(page.getByRole("radio", { name: /088d3e4/ })).toBeChecked();
  await page.goForward();
  await expect(page.getByLabel("Full name")).toHaveValue("Ada Lovelace");
  // Nothing is touched here, and all of it is saved once more as it was.
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Which Kalshi key should REC.IO use?");
  await page.goBack();
  await expect(page.getByLabel("Full name")).toHaveValue("Ada Lovelace");
});

test("by keyboard alone, and over a line that is lost, nothing that was typed is lost", async ({
  serve,
  page,
  context,
  letIn,
}) => {
  const server = await serve("--second-ms=60");
  const { wizard } = await letIn(server);
  const keys = new Keyboard(page);
  const silent = page.getByRole("alert").filter({ hasText: "This page’s server does not answer." });
  await keys.press(page.getByRole("link", { name: "Begin" }), "Enter");
  await expect(wizard.question).toHaveText("Which REC.IO should be installed?");
  await keys.reach(page.getByRole("radio", { checked: true }));
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: /088d3e4/ })).toBeChecked();
  await keys.press(page.getByRole("checkbox", { name: /Go on without kalshi_account_sync/ }), "Space");
  await expect(wizard.continue).toBeEnabled();
  await keys.press(wizard.continue, "Enter");
  await expect(wizard.question).toHaveText("Who will use it?");
  await keys.write(page.getByLabel("Full name"), "Ada Lovelace");
  await keys.write(page.getByRole("textbox", { name: "E-mail" }), "ada@example.org");
  await keys.write(page.getByLabel("Password", { exact: true }), "correct horse");
  await keys.write(page.getByLabel("The same again"), "correct horse");
  await context.setOffline(true);
  await page.keyboard.press("Enter");
  await expect(silent).toBeVisible();
  await expect(page.getByLabel("Full name")).toHaveValue("Ada Lovelace");
  await expect(page.getByLabel("The same again")).toHaveValue("correct horse");
  await context.setOffline(false);
  await keys.press(wizard.continue, "Enter");
  await expect(wizard.question).toHaveText("Which Kalshi key should REC.IO use?");
  await expect(silent).toHaveCount(0);
  expect(keys.unseen).toEqual([]);
});

test("a run that was interrupted names the secrets that are gone, takes them, and is the one that goes on", async ({
  serve,
  page,
  letIn,
}, info) => {
  const server = await serve("--interrupted-at=create-login", "--second-ms=20");
  const { wizard, run } = await letIn(server);
  await page.goto(server.url);
  await expect(run.headline).toHaveText("The run was interrupted.");
  await expect(run.stillNeeded.getByRole("listitem")).toHaveText([
    /^Give the password again/,
    /^Give the Kalshi key again/,
  ]);

  await wizard.open("review");
  await expect(wizard.stillNeeded.getByRole("listitem")).toHaveText([
    /Give the password again\./,
    /Give the Kalshi key again\./,
  ]);
  await expect(wizard.goOnWithRun).toBeDisabled();
  await expect(wizard.install).toHaveCount(0);
  await wizard.stillNeeded.getByRole("link", { name: "You" }).click();
  await wizard.givePassword("correct horse");
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Is this what should be done?");
  await expect(wizard.stillNeeded.getByRole("listitem")).toHaveText([/Give the Kalshi key again\./]);

  await page.goto(server.url);
  await run.giveAgain("Give the Kalshi key again");
  await expect(wizard.note("Key ID")).toContainText("leave this empty to keep it");
  const file = info.outputPath("kalshi-key.txt");
  writeFileSync(file, key);
  await wizard.chooseKeyFile(file);
  await wizard.goOn();
  await expect(run.headline).toHaveText("The run was interrupted.");
  await expect(run.stillNeeded).toHaveCount(0);
  await wizard.open("review");
  await expect(wizard.goOnWithRun).toBeEnabled();
  await wizard.goOnWithRun.click();
  await expect(run.headline).toHaveText("Everything in the plan is done and proven.");
  expect(page.url()).toContain("/runs/install-1");
});
