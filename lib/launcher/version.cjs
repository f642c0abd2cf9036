// The version of the sources: a hash of everything that a build or a running server reads. Plain JavaScript, because it
// is asked before anything is built.
"use strict";

const { createHash } = require("node:crypto");
const { readdirSync, readFileSync, statSync } = require("node:fs");
const { join } = require("node:path");

const folders = ["app", "components", "lib", "public", "sql"];
const files = [
  "instrumentation.ts",
  "next.config.ts",
  "package-lock.json",
  "package.json",
  "postcss.config.mjs",
  "proxy.ts",
  "setup.cjs",
  "tsconfig.json",
];

/** Tests and what they leave are no part of a version. */
function counts(name) {
  return (
    !/\.(test|spec)\.tsx?$/.test(name) && !name.endsWith(".pyc") && name !== "__pycache__" && !name.startsWith(".")
  );
}

function* filesBelow(folder) {
  const names = readdirSync(folder).filter(counts).sort();
  for (const name of names) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** Twelve characters that change with any source, the locked packages, or the Node that runs them. */
function versionOf(project) {
  const hash = createHash("sha256").update(`node ${process.versions.node.split(".")[0]}\n`);
  const add = (path) => {
    const content = readFileSync(join(project, path));
    hash.update(`${path}\n${content.length}\n`).update(content);
  };
  for (const folder of folders) {
    if (!statSync(join(project, folder), { throwIfNoEntry: false })) continue;
    for (const path of filesBelow(join(project, folder))) add(path.slice(project.length + 1));
  }
  for (const path of files) if (statSync(join(project, path), { throwIfNoEntry: false })) add(path);
  return hash.digest("hex").slice(0, 12);
}

module.exports = { versionOf };
