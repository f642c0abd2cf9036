import { expect, tabOf, test } from "./fixtures.ts";
import { takePictures } from "./machine/pictures.ts";

test("the health page looks again when it is told to, and the report leads to REC.IO’s own page", async ({
  serve,
  page,
  letIn,
}) => {
  const server = await serve("--installed", "--second-ms=20", "--moved");
  const { health } = await letIn(server);
  await health.open();
  // Out of another machine's backup, nothing can be released before the person's word.
  await expect(health.lock).toContainText("This installation came from old-droplet");
  await expect(health.lock.getByText("Release…")).toHaveCount(0);
  if (process.env.REC_TEST_PICTURES) await takePictures(page, "moved");
  await health.confirmMove("stopped");
  await expect(health.lock.getByText("Release…")).toBeVisible();
  await expect(health.lock).not.toContainText("old-droplet");
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

test("a repair on a server that is not ours asks for its administrator's password, and keeps it out of the page", async ({
  serve,
  page,
  letIn,
}) => {
  const server = await serve("--installed", "--second-ms=20", "--shut-out");
  const { health, run } = await letIn(server);
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url()));
  await health.open();
  const database = health.group("Database");
  await health.showRepair("Database", "Create the role, or give it a new password");
  await expect(database).toContainText("The server asks for a password of postgres, and there is none.");
  await expect(database.getByRole("button", { name: "Do exactly this" })).toHaveCount(0);
  await health.giveAdministratorsPassword("Database", "not it");
  await expect(database).toContainText("The server refuses the password of postgres.");
  await health.giveAdministratorsPassword("Database", "of the administrator");
  await expect(database).toContainText("Create the database role");
  await health.doRepair("Database");
  await expect(run.headline).toHaveText("The repair is done, and holds.");
  expect(await page.content()).not.toContain("of the administrator");
  expect(addresses.filter((address) => /administrator/.test(decodeURIComponent(address)))).toEqual([]);
  await health.open();
  await expect(health.verdict).toContainText("Installed and working.");
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

test("when the server cannot be reached or is gone, the page no longer claims anything", async ({
  serve,
  page,
  context,
  letIn,
}) => {
  const server = await serve("--installed", "--second-ms=20");
  await page.clock.install();
  const { health } = await letIn(server);
  await health.open();
  await expect(health.verdict).toContainText("Installed and working.");
  const aMinute = () => page.clock.fastForward(60_000);
  await context.setOffline(true);
  await aMinute();
  await expect(health.verdict).toContainText("We do not know.", { timeout: 25_000 });
  await context.setOffline(false);
  await expect(health.verdict).toContainText("Installed and working.", { timeout: 25_000 });
  await server.end();
  await aMinute();
  await expect(health.verdict).toContainText("We do not know.", { timeout: 25_000 });
});

test("another version of REC.IO is looked at, shown whole, and brought in by one button that leads to its run", async ({
  serve,
  page,
  letIn,
}) => {
  const server = await serve("--installed", "--second-ms=20");
  await letIn(server);
  await page.goto(`${server.url}/health`);
  await page.getByRole("link", { name: "Look at another version of REC.IO" }).click();
  await page.getByRole("button", { name: "Look at it" }).click();
  const meaning = page.getByRole("region", { name: "What it would mean" });
  await expect(meaning).toContainText("all 197 statements are taken by your database");
  await expect(meaning).toContainText("main_app listens on port 3001 instead of 3000");
  await page.getByRole("button", { name: "Show what it would do" }).click();
  await expect(page.getByText("Until REC.IO runs again no stop-loss is watched.")).toBeVisible();
  await page.getByRole("button", { name: "Do exactly this" }).click();
  await expect(page).toHaveURL(/\/runs\/update-/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/update/i);
});
