// `npm run check`: types, lint and format, house rules. Each is run even where an earlier one has found something.
"use strict";

const { spawnSync } = require("node:child_process");
const { join } = require("node:path");
const { makeOwnTsconfig } = require("./build.cjs");

/** Returns the exit code: 0 where all of them are content. */
function runChecks(project) {
  const relative = ".build/types";
  makeOwnTsconfig(project, relative);
  const env = { ...process.env, REC_SETUP_BUILD: relative, NEXT_TELEMETRY_DISABLED: "1" };
  const run = (title, ...command) => {
    const { status } = spawnSync(process.execPath, [join(project, "node_modules", command[0]), ...command.slice(1)], {
      cwd: project,
      env,
      stdio: ["ignore", 1, 2],
    });
    process.stdout.write(`${status === 0 ? "ok     " : "FAILED "} ${title}\n`);
    return status === 0;
  };
  const results = [
    run("types of the routes", "next/dist/bin/next", "typegen"),
    run("types", "typescript/bin/tsc", "--noEmit", "-p", "."),
    run("lint and format", "@biomejs/biome/bin/biome", "ci"),
    run("house rules", "playwright/cli.js", "test", "--reporter=line", "lib/house-rules.test.ts"),
  ];
  return results.every(Boolean) ? 0 : 1;
}

module.exports = { runChecks };
