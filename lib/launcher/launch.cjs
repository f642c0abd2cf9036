// What `npm run <door>` does before the door itself can run: find a server of this world that already runs and use its
// version, else install packages and build where something changed. The door is then taken from the build.
"use strict";

const { existsSync, readFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { join, resolve } = require("node:path");
const { build, bundle, isBuilt, isRunning, makeOwnTsconfig, serversInUse } = require("./build.cjs");
const { runChecks } = require("./check.cjs");
const { runCleanMachine } = require("./clean-machine/run.cjs");
const { installPackages, packagesAreCurrent } = require("./packages.cjs");
const { Stop } = require("./stop.cjs");
const { runTests } = require("./test.cjs");
const { versionOf } = require("./version.cjs");

const project = resolve(__dirname, "..", "..");

/** The last value of an option, which may begin with dashes. Everything is checked again by the door. */
function optionOf(args, name) {
  let value;
  args.forEach((arg, index) => {
    if (arg === name) value = args[index + 1];
    else if (arg.startsWith(`${name}=`)) value = arg.slice(name.length + 1);
  });
  return value;
}

/** As stateFolder() in lib/paths.ts, which cannot be asked before it is built; a test holds the two together. */
function stateFolder(args) {
  const named = optionOf(args, "--state") || process.env.REC_SETUP_STATE;
  if (named) return resolve(named);
  const name = args.includes("--rehearsal") ? "rec-io-setup-rehearsal" : "rec-io-setup";
  if (process.getuid && process.getuid() === 0) return join("/var/lib", name);
  return join(process.env.XDG_STATE_HOME || join(process.env.HOME || homedir(), ".local/state"), name);
}

/** The version of the server that runs in this state folder, where its build is here. */
function runningVersion(state) {
  try {
    const { server, version } = JSON.parse(readFileSync(join(state, "server.json"), "utf8"));
    return server && isRunning(server.pid) && isBuilt(project, version) ? version : undefined;
  } catch {
    return undefined;
  }
}

/** Makes sure that packages and a build of the sources as they are now are there; returns the version. */
function prepare(say, { pages } = { pages: true }) {
  if (!packagesAreCurrent(project)) {
    const [server] = serversInUse(project);
    if (server) {
      throw new Stop(
        "setup.packages-in-use",
        `The packages have to be installed anew, and the server in ${server.state} (process ${server.pid}) runs from them: end it with npm run stop -- --state ${server.state}, then run this again.`,
      );
    }
    say("Installing the packages (npm ci) …");
    installPackages(project);
  }
  const version = versionOf(project);
  build(project, version, say, { pages });
  return version;
}

/** The doors and the server from the sources as they are now; Next compiles the pages as they are asked for. */
function prepareDevelopment(say) {
  if (!packagesAreCurrent(project)) {
    say("Installing the packages (npm ci) …");
    installPackages(project);
  }
  makeOwnTsconfig(project, ".build/dev");
  bundle(project, join(project, ".build", "dev"));
  return "dev";
}

/** A person at a screen: else opening a browser can only fail. */
function hasDisplay() {
  if (process.platform === "darwin") return !process.env.SSH_CONNECTION;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function fail(error, json) {
  if (!(error instanceof Stop)) throw error;
  if (json) process.stdout.write(`${JSON.stringify({ problem: { code: error.code, says: error.message } })}\n`);
  else process.stderr.write(`${error.message}\n`);
  process.exit(error.exitCode);
}

/** True for doors that show a page; building it takes half a minute that the others need not wait. */
function pagesAreShown([name, what]) {
  return name === "setup" || name === "start" || (name === "bench" && what !== "database" && what !== "clone");
}

/** Runs a door: `args` are its name and its options. */
function launch(args) {
  const json = args.includes("--json");
  const say = (line) => process.stderr.write(`${line}\n`);
  try {
    if (args[0] === "check") process.exit(runChecks(project));
    if (args[0] === "test") process.exit(runTests(project, args.slice(1), prepare, say));
    if (args[0] === "test:clean-machine") process.exit(runCleanMachine(project, args.slice(1), say));
    if (args[0] === "test:rehearsal")
      process.exit(runTests(project, ["--config=playwright.bulk.config.ts", ...args.slice(1)], prepare, say));
    if (args[0] === "setup" && !json) say("REC.IO Setup");
    const state = stateFolder(args);
    // A server of this world that runs is asked first; its version opens the page and answers every door.
    let version = runningVersion(state);
    if (args[0] === "dev" && !version) version = prepareDevelopment(say);
    if (version && !json && args[0] === "setup") say(`The server in ${state} runs already.`);
    if (!version) version = prepare(say, { pages: pagesAreShown(args) });
    const folder = join(project, ".build", version);
    const entry =
      {
        "test:recio": "test-recio.cjs",
        "test:mutants": "mutants.cjs",
        "test:crash": "test-crash.cjs",
        bench: "bench.cjs",
      }[args[0]] ?? "cli.cjs";
    if (!existsSync(join(folder, entry))) throw new Stop("setup.unknown-door", `This version has no ${args[0]}.`, 2);
    require(join(folder, entry)).main(entry === "cli.cjs" ? args : args.slice(1), {
      version,
      buildFolder: folder,
      hasDisplay: hasDisplay(),
    });
  } catch (error) {
    fail(error, json);
  }
}

module.exports = { launch, optionOf, stateFolder };
