// Are the npm packages those of package-lock.json, and if not, `npm ci`.
"use strict";

const { spawnSync } = require("node:child_process");
const { readFileSync, statSync } = require("node:fs");
const { join } = require("node:path");
const { Stop } = require("./stop.cjs");

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * True where node_modules holds what package-lock.json names: npm's own list of what it installed has every package in
 * its version, and every folder is there. A package for another system may be absent.
 */
function packagesAreCurrent(project) {
  const locked = readJson(join(project, "package-lock.json"));
  const installed = readJson(join(project, "node_modules", ".package-lock.json"));
  if (!locked?.packages || !installed?.packages) return false;
  return Object.entries(locked.packages).every(([path, { version, optional }]) => {
    if (path === "") return true;
    const found = installed.packages[path];
    if (!found) return optional === true;
    return (
      found.version === version &&
      statSync(join(project, path, "package.json"), { throwIfNoEntry: false }) !== undefined
    );
  });
}

/** Runs `npm ci`. Its output goes to stderr, so that stdout stays for --json. */
function installPackages(project) {
  // npm itself is the one that runs us, where it does; else the one on PATH.
  const npm = process.env.npm_execpath;
  const [program, first] = npm && /\.c?js$/.test(npm) ? [process.execPath, [npm]] : ["npm", []];
  const { status, error } = spawnSync(program, [...first, "ci", "--no-audit", "--no-fund", "--loglevel=notice"], {
    cwd: project,
    stdio: ["ignore", 2, 2],
  });
  if (error && error.code === "ENOENT")
    throw new Stop(
      "machine.npm-missing",
      "npm is not on the PATH: it comes with Node from https://nodejs.org/en/download.",
    );
  if (status !== 0) {
    throw new Stop(
      "setup.packages-not-installed",
      `npm ci ended with ${status}: what it said stands above; with the network mended, run this again.`,
    );
  }
}

module.exports = { installPackages, packagesAreCurrent };
