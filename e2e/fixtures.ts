import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, test as base, chromium, type Page } from "playwright/test";
import { projectRoot, statePaths } from "../lib/paths.ts";
import { mintCode } from "../lib/server/session/session.ts";
import { Entry } from "./screens/entry.ts";
import { Health } from "./screens/health.ts";
import { Run } from "./screens/run.ts";
import { Wizard } from "./screens/wizard.ts";

const load = createRequire(import.meta.url);

/** Root needs the first; the others keep Chromium from asking its maker's hosts, which a test machine may not reach. */
const chromeArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The pages as they are built for everybody, and the server of the fixture beside them. */
interface Build {
  /** Relative to the project: what next.config.ts is told. */
  pages: string;
  server: string;
}

export interface Served {
  url: string;
  /** A fresh one-time code, as the terminal would print it. */
  code(): string;
  /** Everything that the server wrote. */
  log(): string;
  end(): Promise<void>;
}

/** The screens of one tab that has been let in. */
export interface Tab {
  page: Page;
  wizard: Wizard;
  run: Run;
  health: Health;
}

export interface Fixtures {
  /** Starts the real server with a world in memory behind it; it ends with the test. */
  serve(...options: string[]): Promise<Served>;
  context: BrowserContext;
  /** Opens a tab with the link that the terminal prints. */
  letIn(server: Served): Promise<Tab>;
  entry: Entry;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

async function freePort(): Promise<number> {
  for (let port = 21_000 + (process.pid % 9000); ; port += 7) if (await isFree(port)) return port;
}

async function answers(child: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!log().includes("answers at")) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the fixture's server did not start:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The pages of this worker, where the version that is checked out was not built yet. */
function buildPages(project: string, relative: string): void {
  writeFileSync(join(project, relative, "tsconfig.json"), '{ "extends": "../../tsconfig.json" }\n');
  const { status, stderr, stdout } = spawnSync(process.execPath, [load.resolve("next/dist/bin/next"), "build"], {
    cwd: project,
    env: { ...process.env, REC_SETUP_BUILD: relative, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`next build ended with ${status}:\n${stdout}\n${stderr}`);
}

export function tabOf(page: Page): Tab {
  return { page, wizard: new Wizard(page), run: new Run(page), health: new Health(page) };
}

export const test = base.extend<Fixtures, { build: Build; chrome: Browser }>({
  build: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern.
    async ({}, use) => {
      const project = projectRoot();
      const { versionOf } = load(join(project, "lib/launcher/version.cjs")) as { versionOf(project: string): string };
      const { isBuilt, bundleOptions } = load(join(project, "lib/launcher/build.cjs")) as {
        isBuilt(project: string, version: string): boolean;
        bundleOptions(project: string, folder: string): Record<string, unknown>;
      };
      const version = versionOf(project);
      const relative = `.build/e2e-${process.pid}`;
      const own = join(project, relative);
      mkdirSync(own, { recursive: true });
      const esbuild = load("esbuild") as { build(options: Record<string, unknown>): Promise<unknown> };
      await esbuild.build({
        ...bundleOptions(project, own),
        entryPoints: { serve: join(project, "e2e/fixture/serve.ts") },
      });
      const built = isBuilt(project, version);
      if (!built) buildPages(project, relative);
      await use({ pages: built ? `.build/${version}` : relative, server: join(own, "serve.cjs") });
      rmSync(own, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 180_000 },
  ],
  chrome: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern.
    async ({}, use) => {
      const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: chromeArguments });
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  serve: async ({ build }, use) => {
    const ends: (() => Promise<void>)[] = [];
    await use(async (...options) => {
      const state = mkdtempSync(join(tmpdir(), "pages-"));
      const port = await freePort();
      const child = spawn(process.execPath, [build.server, `--state=${state}`, `--port=${port}`, ...options], {
        cwd: projectRoot(),
        env: {
          PATH: process.env.PATH ?? "",
          HOME: state,
          NODE_ENV: "production",
          REC_SETUP_BUILD: build.pages,
          NEXT_TELEMETRY_DISABLED: "1",
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let written = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (written += chunk));
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      const end = async () => {
        child.kill("SIGTERM");
        await gone;
        rmSync(state, { recursive: true, force: true });
      };
      ends.push(end);
      await answers(child, () => written);
      return {
        url: `http://localhost:${port}`,
        code: () => mintCode(statePaths(state).session).code,
        log: () => written,
        end,
      };
    });
    for (const end of ends) await end();
  },
  context: async ({ chrome }, use) => {
    const context = await chrome.newContext({ viewport: { width: 1280, height: 900 } });
    await use(context);
    await context.close();
  },
  page: async ({ context }, use) => {
    await use(await context.newPage());
  },
  entry: async ({ page }, use) => {
    await use(new Entry(page));
  },
  letIn: async ({ page, entry }, use) => {
    await use(async (server) => {
      await entry.openLink(server.url, server.code());
      await page
        .getByRole("navigation", { name: "Setup" })
        .or(page.getByRole("heading", { level: 1 }).filter({ hasNotText: "opens with a code" }))
        .first()
        .waitFor();
      return tabOf(page);
    });
  },
});

export { expect } from "playwright/test";
