// What the tests need besides npm's packages: a browser, supervisor, Python packages and a few programs that a small
// Debian lacks. Fetched by apt where they are missing and this user may; else said in one line, and the tests that need
// them fail or skip by themselves.
"use strict";

const { spawnSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const { debianPython } = require("./debian-packages.cjs");
const { fetchPostgres15 } = require("./postgresql-15.cjs");

const packages = ["git", "iproute2", "openssl", "pgbouncer", "procps", "supervisor", "python3-venv", ...debianPython];

function missingPackages() {
  const { status, stdout } = spawnSync(
    "dpkg-query",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own notation.
    ["-W", "-f", "${db:Status-Status} ${Package}\n", ...packages, "chromium"],
    { encoding: "utf8" },
  );
  if (status === null) return undefined;
  const there = new Set(
    stdout
      .split("\n")
      .filter((line) => line.startsWith("installed "))
      .map((line) => line.split(" ")[1]),
  );
  // Any Chromium will do, wherever it comes from: Ubuntu's package of that name is a snap.
  const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].some((path) =>
    existsSync(path),
  );
  return [...packages, ...(browser ? [] : ["chromium"])].filter((name) => !there.has(name));
}

/** Makes sure of them as far as that is possible; `say` gets the one line where it is not. */
function fetchNeeds(project, say) {
  const [program, first] = process.getuid() === 0 ? ["apt-get", []] : ["sudo", ["-n", "apt-get"]];
  const options = { stdio: ["ignore", 2, 2], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  const apt = (...args) => spawnSync(program, [...first, ...args], options).status === 0;
  const missing = missingPackages();
  if (missing === undefined)
    return say("This system has no dpkg: the tests use the browser, supervisor and Python packages that are there.");
  if (missing.length > 0) installPackages(missing, apt, say);
  fetchPostgres15(project, say, () => apt("update"));
}

function installPackages(missing, apt, say) {
  const command = `apt-get install --yes --no-install-recommends ${missing.join(" ")}`;
  const install = () => apt("install", "--yes", "--no-install-recommends", ...missing);
  say(`Installing what the tests need: ${missing.join(" ")}`);
  if (!install() && !(apt("update") && install())) say(`Not installed; by hand it is: ${command}`);
}

module.exports = { fetchNeeds };
