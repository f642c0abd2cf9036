import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, expect, test } from "playwright/test";
import { projectRoot } from "../lib/paths.ts";
import { freePort } from "../lib/postgres/test-server.ts";
import { takeTurn } from "../lib/rehearsal/test-turn.ts";
import { RehearsalScreen } from "./screens/rehearsal.ts";

/** One door in a terminal, with its JSON. */
function door(state: string, ...words: string[]): Promise<{ exit: number | null; json: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const args = [join(projectRoot(), "setup.cjs"), ...words, `--state=${state}`, "--json"];
    const child = spawn(process.execPath, args, { cwd: projectRoot(), stdio: ["ignore", "pipe", "ignore"] });
    let out = "";
    child.stdout.on("data", (part: Buffer) => {
      out += part.toString();
    });
    child.once("error", reject);
    child.once("close", (exit) => {
      try {
        resolve({ exit, json: JSON.parse(out) });
      } catch (thrown) {
        reject(thrown);
      }
    });
  });
}

test("from the first page into the rehearsal, break it, mend it, and leave without a trace", async () => {
  test.setTimeout(900_000);
  const next = await takeTurn();
  const folder = mkdtempSync(join(tmpdir(), "rt-"));
  const real = join(folder, "s");
  const rehearsal = `${real}-rehearsal`;
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1150 } });
    const screen = new RehearsalScreen(page);
    const { json } = await door(real, "setup", "--no-open", `--port=${await freePort()}`);
    await page.goto(String(json.link));
    await screen.begin.click();
    await expect(screen.band).toBeVisible({ timeout: 30_000 });
    const { origin } = new URL(page.url());
    expect(origin).not.toBe(new URL(String(json.link)).origin);

    const answers = join(projectRoot(), "e2e/answers/rehearsal.json");
    const installed = await door(rehearsal, "setup", "--rehearsal", "--answers", answers, "--no-open");
    expect(installed.json).toMatchObject({ rehearsal: true, installed: true });
    await page.goto(`${origin}/health`);
    await expect(screen.band).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toContainText(/works|working|installed/i);

    await screen.lie("All probabilities become 50.00").click();
    await expect(screen.panel.getByText("until we knew")).toBeVisible({ timeout: 20_000 });
    await expect(screen.panel.getByText(/analytics\.probability_lookup_btc/)).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Not working");
    await screen.button("Rebuild the lookup").click();
    await expect(screen.panel.getByText("All good again after")).toBeVisible({ timeout: 40_000 });

    await screen.leaveLink.click();
    await screen.leaveButton.click();
    await expect(screen.gone).toBeVisible({ timeout: 90_000 });
    await expect(() => expect(existsSync(rehearsal)).toBe(false)).toPass({ timeout: 20_000 });
    // The real page is still there, and knows nothing of it.
    const health = await fetch(`${new URL(String(json.link)).origin}/api/health`);
    expect(await health.json()).toMatchObject({ rehearsal: false, installed: false });
  } finally {
    await browser.close();
    if (existsSync(rehearsal)) await door(rehearsal, "uninstall", "--rehearsal", "--yes").catch(() => undefined);
    await door(real, "uninstall", "--yes").catch(() => undefined);
    const left = readdirSync(folder);
    rmSync(folder, { recursive: true, force: true });
    await next();
    expect(left).toEqual([]);
  }
});
