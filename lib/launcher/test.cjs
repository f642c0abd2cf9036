// `npm test`: what the tests need, the packages, a build, every test, and the tally as the last line.
"use strict";

const { spawnSync } = require("node:child_process");
const { existsSync, mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { judgeExchange } = require("./exchange-count.cjs");
const { fetchNeeds } = require("./needs.cjs");
const { Stop } = require("./stop.cjs");
const { tallyLine } = require("./tally.cjs");

/** Runs everything; `args` go to Playwright (a folder, --project=lib). Returns the exit code. */
function runTests(project, args, prepare, say) {
  const folder = mkdtempSync(join(tmpdir(), "rec-io-setup-tally-"));
  const file = join(folder, "tally.json");
  const exchange = join(folder, "exchange.ndjson");
  let status = 1;
  try {
    fetchNeeds(project, say);
    prepare(say);
    const runner = require.resolve("playwright/test", { paths: [project] }).replace(/test\.js$/, "cli.js");
    const reporter = join(project, "lib/launcher/tally.cjs");
    const end = spawnSync(process.execPath, [runner, "test", `--reporter=${reporter}`, ...args], {
      cwd: project,
      env: { ...process.env, REC_SETUP_TALLY: file, REC_SETUP_EXCHANGE_COUNT: exchange },
      stdio: ["ignore", 1, 2],
    });
    status = end.status ?? 1;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say(error.message);
  }
  let tally = { passed: 0, failed: 1, skipped: 0 };
  try {
    tally = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // Nothing was counted: what kept the tests from running stands above.
  }
  const { line, held } = judgeExchange(existsSync(exchange) ? readFileSync(exchange, "utf8") : "");
  if (line) process.stdout.write(`${line}\n`);
  if (!held) tally.failed += 1;
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`${tallyLine(tally)}\n`);
  return status === 0 && tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

module.exports = { runTests };
