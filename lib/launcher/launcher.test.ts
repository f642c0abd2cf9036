import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { projectRoot, stateFolder as stateFolderOfPaths } from "../paths.ts";
import { readSettings } from "../settings.ts";

const load = createRequire(import.meta.url);
const { versionOf } = load("./version.cjs") as { versionOf(project: string): string };
const { packagesAreCurrent } = load("./packages.cjs") as { packagesAreCurrent(project: string): boolean };
const { stateFolder, optionOf } = load("./launch.cjs") as {
  stateFolder(args: string[]): string;
  optionOf(args: string[], name: string): string | undefined;
};
const { judgeExchange } = load("./exchange-count.cjs") as {
  judgeExchange(text: string): { held: boolean; line?: string };
};
const { tallyLine } = load("./tally.cjs") as {
  tallyLine(tally: { passed: number; failed: number; skipped: number }): string;
};

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "launcher-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test("the version changes with every source and with nothing else", () => {
  write("lib/one.ts", "1");
  write("sql/probes/one.sql", "select 1");
  write("package-lock.json", "{}");
  const first = versionOf(folder);
  expect(first).toMatch(/^[0-9a-f]{12}$/);
  write("lib/one.test.ts", "a test");
  write("docs/one.md", "a document");
  write("lib/checkout/hook/__pycache__/sitecustomize.pyc", "compiled");
  expect(versionOf(folder)).toBe(first);
  const seen = new Set([first]);
  for (const [path, text] of [
    ["lib/one.ts", "2"],
    ["sql/probes/one.sql", "select 2"],
    ["package-lock.json", "{ }"],
    ["lib/two.ts", ""],
    ["lib/hook.py", ""],
    ["next.config.ts", ""],
  ] as const) {
    write(path, text);
    const version = versionOf(folder);
    expect(seen.has(version), path).toBe(false);
    seen.add(version);
  }
});

test("packages are current only where each stands there in its version", () => {
  const locked = {
    packages: {
      "": { name: "x" },
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b": { version: "2.0.0", optional: true },
    },
  };
  const installed = { packages: { "node_modules/a": { version: "1.0.0" } } };
  expect(packagesAreCurrent(folder)).toBe(false);
  write("package-lock.json", JSON.stringify(locked));
  expect(packagesAreCurrent(folder)).toBe(false);
  write("node_modules/.package-lock.json", JSON.stringify(installed));
  expect(packagesAreCurrent(folder)).toBe(false);
  write("node_modules/a/package.json", "{}");
  expect(packagesAreCurrent(folder)).toBe(true);
  write("package-lock.json", JSON.stringify(locked).replace('"1.0.0"', '"1.0.1"'));
  expect(packagesAreCurrent(folder)).toBe(false);
  write("package-lock.json", JSON.stringify(locked).replace(',"optional":true', ""));
  expect(packagesAreCurrent(folder)).toBe(false);
  write("package-lock.json", JSON.stringify(locked));
  expect(packagesAreCurrent(folder)).toBe(true);
  write("node_modules/.package-lock.json", "{}");
  expect(packagesAreCurrent(folder)).toBe(false);
  write("package-lock.json", "torn");
  expect(packagesAreCurrent(folder)).toBe(false);
});

test("the packages of this project are current, or nothing here was tested", () => {
  expect(packagesAreCurrent(projectRoot())).toBe(true);
});

test("the lock file names every package for other systems too, without which npm ci refuses", () => {
  // npm leaves out what the registry at hand does not have when the lock is made, and `npm ci` then calls it out of step.
  type Locked = { version?: string; optional?: boolean; optionalDependencies?: Record<string, string> };
  const { packages } = JSON.parse(readFileSync(join(projectRoot(), "package-lock.json"), "utf8")) as {
    packages: Record<string, Locked>;
  };
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
  expect(packages["node_modules/@next/swc-darwin-arm64"]?.optional).toBe(true);
});

test("the launcher and the product look for the state in the same folder", () => {
  const settings = readSettings();
  expect(stateFolder([])).toBe(stateFolderOfPaths(settings, "real"));
  expect(stateFolder(["setup", "--rehearsal"])).toBe(stateFolderOfPaths(settings, "rehearsal"));
  for (const args of [
    ["--state", "/srv/state"],
    ["--state=/srv/state"],
    ["--state", "/other", "--state", "/srv/state"],
  ]) {
    expect(stateFolder(args)).toBe(stateFolderOfPaths({ ...settings, state: "/srv/state" }, "real"));
  }
  expect(optionOf(["--state", "--dashes"], "--state")).toBe("--dashes");
});

test("the last line of a test run has one form", () => {
  expect(tallyLine({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
  expect(tallyLine({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
});

test("one request of ours to the exchange that is no GET fails the run, and REC.IO's own do not", () => {
  const seen = (from: string, method: string, websocket = false) => JSON.stringify({ from, method, websocket });
  const good = [seen("setup", "GET"), seen("setup", "GET", true), seen("others", "POST")].join("\n");
  expect(judgeExchange(good)).toEqual({
    held: true,
    line: "Kalshi's stand-ins counted 1 GET and 1 websockets of REC.IO Setup, and 0 others. Whoever else was tested sent 1 that were not GET.",
  });
  expect(judgeExchange(`${good}\n${seen("setup", "POST")}\n`)).toMatchObject({
    held: false,
    line: expect.stringContaining("1 others (POST)"),
  });
  expect(judgeExchange("")).toEqual({ held: true, line: undefined });
});
