// Runs inside the clean tree, alone in its process namespace: clones, rehearses, looks, takes back, and says what it saw
// as the last line. Stands by itself: in the tree there is nothing of ours but this file and the repository.
"use strict";

const { spawn, spawnSync } = require("node:child_process");
const { createInterface } = require("node:readline");
const { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } = require("node:fs");
const { join } = require("node:path");

const [bundle, port] = process.argv.slice(2);
const began = Date.now();
const seconds = () => Math.round((Date.now() - began) / 100) / 10;
const home = mkdtempSync(join(process.env.HOME, "clean-"));
const project = join(home, "project");
const root = process.getuid() === 0;
const state = root ? "/var/lib/rec-io-setup-rehearsal" : join(process.env.HOME, ".local/state/rec-io-setup-rehearsal");

/** Every process of this namespace but this one and what it runs just now: only what was left behind. */
function processes() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return line === "" ? [] : [line.slice(0, 160)];
      } catch {
        return [];
      }
    });
}

/** Every file of the places that a rehearsal could write to, the clone and npm's own cache left out. */
function files() {
  const places = ["/tmp", "/var/tmp", "/var/lib", "/run", "/opt", process.env.HOME];
  const found = [];
  const walk = (folder) => {
    let entries = [];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (path === home || path === join(process.env.HOME, ".npm") || /^\/var\/lib\/(apt|dpkg)$/.test(path)) continue;
      found.push(path);
      if (entry.isDirectory()) walk(path);
    }
  };
  for (const place of places) walk(place);
  return found;
}

/** Runs npm in the clone; `timeline` takes the moment of each line of standard error and output that says what is done. */
function npm(args, timeline) {
  return new Promise((resolve) => {
    const env = { ...process.env, npm_config_cache: join(home, "npm-cache") };
    const child = spawn("npm", args, { cwd: project, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => {
        if (!timeline) return;
        process.stderr.write(`${seconds()} s ${line}\n`);
        timeline.push([seconds(), line]);
      });
    child.on("close", (code) => resolve({ code, stdout }));
  });
}

const dpkg = () => (existsSync("/var/lib/dpkg/status") ? readFileSync("/var/lib/dpkg/status", "utf8") : "");

async function main() {
  const before = { files: new Set(files()), dpkg: dpkg() };
  const seen = { user: root ? "root" : "ordinary", seconds: {} };
  const git = spawnSync("git", ["clone", "--quiet", "--config", "advice.detachedHead=false", bundle, project], {
    stdio: ["ignore", 2, 2],
  });
  if (git.status !== 0) throw new Error("git clone failed");
  const timeline = [];
  const answers = ["--answers", "e2e/answers/rehearsal.json", "--no-open", "--port", port];
  const setup = await npm(["run", "setup", "--", "--rehearsal", ...answers], timeline);
  seen.seconds.fromCloneToGreen = seconds();
  const at = (pattern) => timeline.find(([, line]) => pattern.test(line))?.[0];
  seen.seconds.packagesBegin = at(/npm ci/);
  seen.seconds.buildBegins = at(/[Bb]uilding/);
  seen.seconds.planShown = at(/^\s*1 |Install system packages/);
  seen.setup = setup.code;
  const doctor = await npm(["run", "doctor", "--", "--rehearsal", "--json"]);
  seen.doctor = doctor.code;
  try {
    const { installed, tradable, status, probes } = JSON.parse(doctor.stdout);
    Object.assign(seen, { installed, tradable, status });
    seen.notOk = (probes ?? [])
      .filter(({ level }) => level !== "ok")
      .map(({ id, level, says }) => `${id}: ${level}: ${says}`);
  } catch {
    seen.installed = false;
  }
  seen.health = await fetch(`http://localhost:${port}/api/health`).then(
    ({ status }) => status,
    () => 0,
  );
  const uninstall = await npm(["run", "uninstall", "--", "--rehearsal", "--yes"], []);
  seen.uninstall = uninstall.code;
  seen.system = before.dpkg === dpkg() ? "unchanged" : "has new packages";
  seen.left = {
    processes: processes(),
    files: files().filter((path) => !before.files.has(path)),
    state: existsSync(state),
  };
  rmSync(home, { recursive: true, force: true });
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

void main();
