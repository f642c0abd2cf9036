// A clean Debian: debootstrap's smallest tree, git, and this machine's Node, npm and ways to reach apt and npm.
"use strict";

const { spawnSync } = require("node:child_process");
const { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync } =
  require("node:fs");
const { homedir } = require("node:os");
const { dirname, join } = require("node:path");
const { Stop } = require("../stop.cjs");

/** The ordinary user of the tree, who may become nobody else. */
const ordinary = { name: "jane", id: 1000, home: "/home/jane" };

function run(program, args, options = {}) {
  const end = spawnSync(program, args, { stdio: ["ignore", 2, 2], ...options });
  if (end.error) throw new Stop("clean-machine.no-program", `${program} is not on this machine.`);
  if (end.status !== 0)
    throw new Stop("clean-machine.no-tree", `${program} ended with ${end.status}; its words stand above.`);
}

/** The mirror that this machine's own apt asks for the distribution itself. */
function mirrorOf(folder = "/etc/apt") {
  const lists = [join(folder, "sources.list")];
  const more = join(folder, "sources.list.d");
  if (existsSync(more))
    lists.push(
      ...readdirSync(more)
        .sort()
        .map((name) => join(more, name)),
    );
  const text = lists
    .filter((path) => /\.(list|sources)$/.test(path) && existsSync(path))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const urls = [...text.matchAll(/^(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)(https?:\/\/\S+)/gm)].map((match) => match[1]);
  return urls.find((url) => /\/debian\/?$/.test(url)) ?? "http://deb.debian.org/debian";
}

/** Copies a file or folder of this machine to the same place in the tree, where it is here. */
function same(tree, path) {
  if (!path || !existsSync(path)) return;
  mkdirSync(join(tree, dirname(path)), { recursive: true });
  cpSync(path, join(tree, path), {
    recursive: true,
    force: true,
    dereference: true,
    filter: (from) => existsSync(from),
  });
}

/** npm's own folder, wherever this machine has it. */
function npmFolder() {
  const found =
    process.env.npm_execpath ?? spawnSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).stdout.trim();
  if (!found) throw new Stop("clean-machine.no-npm", "npm is not on the PATH.");
  return dirname(dirname(realpathSync(found)));
}

/**
 * Makes the tree. Nothing is in it but Debian's smallest system, git for the clone, Node and npm; no Python, no ps, no
 * locales, no certificates but those that this machine's npm is configured with.
 */
function makeTree(tree, say) {
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "bookworm";
  say(`debootstrap ${suite}`);
  run("debootstrap", ["--variant=minbase", suite, tree, mirrorOf()]);
  // Its own list of sources would stand beside this machine's.
  rmSync(join(tree, "etc/apt"), { recursive: true });
  for (const path of ["/etc/apt", "/usr/share/keyrings", "/etc/resolv.conf", "/etc/hosts"]) same(tree, path);
  for (const path of ["/etc/ssl/certs/ca-certificates.crt", process.env.NODE_EXTRA_CA_CERTS]) same(tree, path);
  mkdirSync(join(tree, "usr/local/lib/node_modules"), { recursive: true });
  cpSync(process.execPath, join(tree, "usr/local/bin/node"));
  cpSync(npmFolder(), join(tree, "usr/local/lib/node_modules/npm"), { recursive: true, dereference: true });
  for (const name of ["npm", "npx"])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(tree, "usr/local/bin", name));
  const globalConfig = spawnSync("npm", ["config", "get", "globalconfig"], { encoding: "utf8" }).stdout.trim();
  if (existsSync(globalConfig)) {
    mkdirSync(join(tree, "usr/local/etc"), { recursive: true });
    cpSync(globalConfig, join(tree, "usr/local/etc/npmrc"));
  }
  appendFileSync(
    join(tree, "etc/passwd"),
    `${ordinary.name}:x:${ordinary.id}:${ordinary.id}::${ordinary.home}:/bin/sh\n`,
  );
  appendFileSync(join(tree, "etc/group"), `${ordinary.name}:x:${ordinary.id}:\n`);
  mkdirSync(join(tree, ordinary.home), { recursive: true });
  for (const home of ["root", ordinary.home])
    if (existsSync(join(homedir(), ".npmrc"))) cpSync(join(homedir(), ".npmrc"), join(tree, home, ".npmrc"));
  run("chroot", [tree, "chown", "-R", `${ordinary.id}:${ordinary.id}`, ordinary.home]);
  say("git, for the clone");
  const apt = { env: { PATH: process.env.PATH, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" } };
  run("chroot", [tree, "apt-get", "-qq", "update"], apt);
  run("chroot", [tree, "apt-get", "-qq", "install", "--yes", "--no-install-recommends", "git"], apt);
}

module.exports = { makeTree, mirrorOf, ordinary };
