// Debian's PostgreSQL 15, on which the tests run beside the one that comes along. Where it is not installed it is unpacked
// beside the builds: installing it would make a server on this machine and start it.
"use strict";

const { spawnSync } = require("node:child_process");
const { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } = require("node:fs");
const { join } = require("node:path");

const packages = ["postgresql-15", "postgresql-client-15"];
const programs = "usr/lib/postgresql/15/bin";
/** Where its programs are once they are unpacked, relative to the project; lib/postgres/test-server.ts looks there too. */
const place = ".build/postgresql-15";

const hasPrograms = (root) => ["initdb", "postgres", "pg_dump"].every((name) => existsSync(join(root, programs, name)));

/** apt-get fetches an archive for anybody; `update` is asked to renew its lists where it does not know the package. */
function unpackInto(folder, update) {
  const run = (program, ...args) =>
    spawnSync(program, args, { cwd: folder, stdio: "ignore", timeout: 120_000 }).status === 0;
  const download = () => run("apt-get", "download", ...packages);
  if (!download() && !(update() && download())) return false;
  const root = join(folder, "root");
  const unpacked = run("sh", "-c", `for archive in *.deb; do dpkg-deb -x "$archive" '${root}' || exit 1; done`);
  // What it is linked with came with the other packages; where it did not, it is of no use.
  return unpacked && hasPrograms(root) && run(join(root, programs, "postgres"), "--version") ? root : false;
}

/** Makes sure of it as far as that is possible; `say` gets the one line where it is not. `update` renews apt's lists. */
function fetchPostgres15(project, say, update) {
  const wanted = join(project, place);
  if (hasPrograms("/") || hasPrograms(wanted)) return;
  mkdirSync(join(project, ".build"), { recursive: true });
  const folder = mkdtempSync(join(project, ".build", "unpacking-"));
  try {
    const root = unpackInto(folder, update);
    if (!root) return say("Debian's PostgreSQL 15 cannot be fetched here: its tests are skipped.");
    rmSync(wanted, { recursive: true, force: true });
    renameSync(root, wanted);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = { fetchPostgres15, place };
