// Playwright's reporter of `npm test`: a line a test, each failure in full, and the tally at the very end.
"use strict";

const { writeFileSync } = require("node:fs");
const { relative } = require("node:path");

/** The last line of every test run, in the one form that is promised. */
function tallyLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

class Tally {
  constructor() {
    this.errors = 0;
  }

  onBegin(config, suite) {
    this.root = config.rootDir;
    this.suite = suite;
  }

  printsToStdio() {
    return true;
  }

  nameOf(test) {
    const [, project, , ...titles] = test.titlePath();
    return `${project} ${relative(process.cwd(), test.location.file)}: ${titles.join(" › ")}`;
  }

  onTestEnd(test, result) {
    const mark = { passed: "ok     ", skipped: "skipped" }[result.status] ?? "FAILED ";
    const why =
      result.status === "skipped" ? (test.annotations.find(({ type }) => type === "skip")?.description ?? "") : "";
    console.log(`${mark} ${this.nameOf(test)} (${result.duration} ms)${why ? `: ${why}` : ""}`);
    // What a test wants to be read, a row of a table for example.
    for (const { type, description } of test.annotations) if (type === "shows") console.log(`        ${description}`);
    if (test.outcome() !== "unexpected") return;
    for (const error of result.errors)
      console.log(`\n${error.stack ?? error.message ?? error.value}\n${error.snippet ?? ""}\n`);
  }

  /** A failure outside every test: a file that cannot be read, a worker that died. */
  onError(error) {
    this.errors += 1;
    console.log(
      `FAILED  ${error.location ? `${error.location.file}: ` : ""}${error.stack ?? error.message ?? error.value}`,
    );
  }

  onEnd(result) {
    const outcomes = (this.suite?.allTests() ?? []).map((test) =>
      test.results.length === 0 ? "notRun" : test.outcome(),
    );
    const count = (...wanted) => outcomes.filter((outcome) => wanted.includes(outcome)).length;
    // A test that was never reached was not passed: where a run was cut short it counts as failed.
    const cutShort = result.status !== "passed" && result.status !== "failed" ? 1 : 0;
    const tally = {
      passed: count("expected", "flaky"),
      failed: count("unexpected", "notRun") + this.errors + cutShort,
      skipped: count("skipped"),
    };
    const file = process.env.REC_SETUP_TALLY;
    if (file) writeFileSync(file, JSON.stringify(tally));
    else console.log(tallyLine(tally));
  }
}

module.exports = Tally;
module.exports.tallyLine = tallyLine;
