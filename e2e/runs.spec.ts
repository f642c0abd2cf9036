import { expect, tabOf, test } from "./fixtures.ts";

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
  expect(await run.rows()).toEqual(await second.run.rows());
  expect(await run.logLines()).toEqual(await second.run.logLines());
  await run.goOn();
  await expect(run.headline).toHaveText("The installation is running.");
});

test("however much a step has found, its order stays readable beside it", async ({ serve, page, letIn }) => {
  const server = await serve("--installed", "--second-ms=400");
  const { run } = await letIn(server);
  await page.goto(`${server.url}/runs/install-1`);
  await expect(run.mark("Build the probability lookup")).toHaveAccessibleName("running");
  const height = () =>
    page.evaluate((much) => {
      const [row] = document.querySelectorAll(".step");
      const found = row?.querySelector(".ev");
      if (found) found.textContent = much;
      return row?.querySelector(".title")?.getBoundingClientRect().height;
    }, "another program of another REC.IO ".repeat(12));
  // Two lines of text, and not one letter a line.
  expect(await height()).toBeLessThan(50);
});
