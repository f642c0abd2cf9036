import { writeFileSync } from "node:fs";
import { expect, tabOf, test } from "./fixtures.ts";

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
  await wizard.goOn();

  await expect(wizard.question).toHaveText("Is this what should be done?");
  await expect(wizard.plan.getByText("Nothing above this line changes the machine")).toHaveCount(1);
  await expect(wizard.trail).toContainText("~/rec_io-088d3e4");
  await expect(wizard.trail).toContainText("embedded, port 15433");
  await wizard.install.click();

  await expect(run.failure).toContainText("pip ended without an error, yet Python cannot import psycopg2.");
  await run.retry();
  await expect(run.headline).toHaveText("Everything in the plan is done and proven.");
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
  await expect(page.getByLabel("Key ID")).toHaveValue("a952bcbe-ec3b-4b5b-b8f9-11dae589608c");
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

test("what a step found before it ran is said in grey while it runs, and is no fault", async ({
  serve,
  page,
  letIn,
}) => {
  const server = await serve("--installed", "--second-ms=400");
  const { run } = await letIn(server);
  await page.goto(`${server.url}/runs/install-1`);
  const step = run.step("Build the probability lookup");
  await expect(step).toContainText("before: analytics.probability_lookup_btc is missing.");
  await expect(step.getByRole("img", { name: "before" })).toBeVisible();
  await expect(step.getByRole("img", { name: "fail", exact: true })).toHaveCount(0);
});

test("the health page looks again when it is told to, and the report leads to REC.IO’s own page", async ({
  serve,
  page,
  letIn,
}) => {
  const server = await serve("--installed", "--second-ms=20");
  const { health } = await letIn(server);
  await health.open();
  const disk = health.group("Machine").getByRole("group").filter({ hasText: "The disk will be full in 9 days" });
  await expect(disk).toContainText(/4\d\u00a0s/);
  await health.lookAgain();
  await expect(disk).toContainText(/[1-5]\u00a0s/);
  await expect(disk).not.toContainText(/4\d\u00a0s/);
  await health.openReport();
  await expect(page.getByRole("link", { name: "http://127.0.0.1:3000" })).toHaveAttribute(
    "href",
    "http://127.0.0.1:3000",
  );
});

test("a run is the same in two tabs and after a reload, and stops when it is told to", async ({
  serve,
  context,
  page,
  letIn,
}) => {
  const server = await serve("--installed", "--second-ms=400");
  const { run } = await letIn(server);
  await page.goto(`${server.url}/runs/install-1`);
  const second = tabOf(await context.newPage());
  await second.page.goto(`${server.url}/runs/install-1`);
  await expect(run.mark("Build the probability lookup")).toHaveAccessibleName("running");
  await expect(second.run.mark("Build the probability lookup")).toHaveAccessibleName("running");
  await page.reload();
  await expect(run.mark("Build the probability lookup")).toHaveAccessibleName("running");
  await second.run.stop();
  await expect(run.headline).toHaveText("Stopped, as you asked.");
  await expect(second.run.headline).toHaveText("Stopped, as you asked.");
  await run.goOn();
  await expect(run.headline).toHaveText("The installation is running.");
});

test("what breaks is named on the health page, and the page mends it after it has shown how", async ({
  serve,
  page,
  letIn,
}) => {
  const server = await serve("--installed", "--second-ms=20", "--dropped");
  const { health, run } = await letIn(server);
  await health.open();
  await expect(health.verdict).toContainText("users.trade_preferences_0001.position_size is missing.");
  expect((await page.request.get(`${server.url}/api/health`)).status()).toBe(503);
  await health.showRepair("Database", "Create what is missing");
  await expect(health.group("Database")).toContainText("integer, as the code expects");
  expect((await page.request.get(`${server.url}/api/health`)).status()).toBe(503);
  await health.doRepair("Database");
  await expect(run.headline).toHaveText("The repair is done, and holds.");
  await health.open();
  await expect(health.verdict).toContainText("Installed and working.");
  expect((await page.request.get(`${server.url}/api/health`)).status()).toBe(200);
});

test("the lock opens only for the typed word, and is held again", async ({ serve, letIn }) => {
  const server = await serve("--installed", "--second-ms=20");
  const { health } = await letIn(server);
  await health.open();
  await health.openRelease();
  await expect(health.lock.getByRole("button", { name: "Release new orders" })).toBeDisabled();
  await health.release("release");
  await expect(health.lock).toContainText("Released by hand.");
  await health.hold();
  await expect(health.lock).toContainText("Held. No new orders; closing stays possible.");
});

test("without a session the health page is a board: no button, no detail of the lock, no stream", async ({
  serve,
  page,
}) => {
  const server = await serve("--installed", "--second-ms=20");
  await page.goto(`${server.url}/health`);
  const { health } = tabOf(page);
  await expect(health.verdict).toContainText("Installed and working.");
  await expect(health.lock).not.toContainText("Open trades");
  await expect(page.getByRole("button", { name: /…$/ })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Look again" })).toHaveCount(0);
  const lock = await (await page.request.get(`${server.url}/api/trading`)).json();
  expect(Object.keys(lock).sort()).toEqual(["intact", "mode"]);
  expect((await page.request.get(`${server.url}/api/runs/install-1/events`)).status()).toBe(401);
});

test("when the server is gone, the page no longer claims anything", async ({ serve, letIn }) => {
  const server = await serve("--installed", "--second-ms=20");
  const { health } = await letIn(server);
  await health.open();
  await expect(health.verdict).toContainText("Installed and working.");
  await server.end();
  await expect(health.verdict).toContainText("We do not know.", { timeout: 25_000 });
});

test("every page keeps to its policy, asks nobody else, and does not scroll sideways at 360", async ({
  serve,
  page,
  letIn,
}) => {
  const server = await serve("--installed", "--second-ms=20");
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => request.url().startsWith(server.url) || complaints.push(request.url()));
  await letIn(server);
  await page.setViewportSize({ width: 360, height: 800 });
  for (const path of [
    "/setup",
    "/setup/checkout",
    "/setup/you",
    "/setup/kalshi",
    "/setup/database",
    "/setup/data",
    "/setup/review",
    "/health",
    "/health/logs",
    "/health/report",
    "/runs/install-1",
  ]) {
    await page.goto(server.url + path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const tooWide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(tooWide, path).toBe(0);
  }
  expect(complaints).toEqual([]);
});

test("the first page comes in under 100 ms with at most 190 kB of compressed JavaScript", async ({
  serve,
  page,
  letIn,
  context,
}) => {
  const server = await serve();
  await letIn(server);
  const wire = await context.newCDPSession(page);
  const scripts = new Set<string>();
  let bytes = 0;
  await wire.send("Network.enable");
  await wire.send("Network.setCacheDisabled", { cacheDisabled: true });
  wire.on("Network.responseReceived", ({ requestId, type }) => type === "Script" && scripts.add(requestId));
  wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(`${server.url}/setup`, { waitUntil: "networkidle" });
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(190_000);
  const times = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const began = performance.now();
    await (await page.request.get(`${server.url}/setup`)).body();
    times.push(performance.now() - began);
  }
  // Two cores are shared with everything else that is tested: the fastest of five is what the server takes.
  expect(Math.min(...times)).toBeLessThan(100);
});
