import { expect, test } from "./fixtures.ts";

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
    "/health/key",
    "/health/update",
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
