// `npm run test:clean-machine`: a clean Debian tree with only git and Node in it, and in it, as an ordinary user and as
// root, from `git clone` with an empty npm cache to the green page of a rehearsal, and back to nothing.
"use strict";

const { spawnSync } = require("node:child_process");
const { chmodSync, cpSync, mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { Stop } = require("../stop.cjs");
const { makeTree, ordinary } = require("./tree.cjs");

const root = { name: "root", id: 0, home: "/root" };

/** A free port below the ephemeral ones; the page of the tree shares this machine's network. */
function freePort() {
  const script =
    "const net=require('net');const t=(p)=>{const s=net.createServer();s.on('error',()=>t(p+1));s.listen(p,'127.0.0.1',()=>{console.log(p);s.close()})};t(5174)";
  return spawnSync(process.execPath, ["-e", script], { encoding: "utf8" }).stdout.trim();
}

/** What is wrong with what was seen, in words; empty where all of it is as promised. */
function faultsOf(seen) {
  const faults = [];
  const want = (holds, fault) => {
    if (!holds) faults.push(fault);
  };
  want(seen.setup === 0, `setup ended with ${seen.setup}`);
  want(seen.doctor === 0 && seen.installed === true, `doctor ended with ${seen.doctor}, installed: ${seen.installed}`);
  want(seen.health === 200, `/api/health answered ${seen.health}`);
  want(seen.uninstall === 0, `uninstall ended with ${seen.uninstall}`);
  want(seen.user === "root" || seen.system === "unchanged", "an ordinary user changed the system's packages");
  const { processes, files, state } = seen.left;
  want(processes.length === 0, `processes are left: ${processes.join("; ")}`);
  // What Debian's packages themselves keep there came with them and stays with them.
  const ours = files
    .filter((path) => seen.user !== "root" || !/^\/(var\/lib|run)\//.test(path))
    // Where the state of all programs is kept: an empty folder that anybody would make.
    .filter((path) => !/\/\.local(\/state)?$/.test(path));
  want(!state, "the state folder is left");
  want(ours.length === 0, `${ours.length} files are left: ${ours.slice(0, 20).join(" ")}`);
  return faults;
}

/** Runs it; `args`: `--user ordinary|root` for one of the two, `--json` for the figures alone. Returns the exit code. */
function runCleanMachine(project, args, say) {
  if (process.getuid() !== 0)
    throw new Stop("clean-machine.needs-root", "test:clean-machine makes a Debian tree and needs the rights of root.");
  if (spawnSync("debootstrap", ["--version"]).error)
    throw new Stop("clean-machine.no-debootstrap", "debootstrap is missing: apt-get install debootstrap.");
  const chosen = args[args.indexOf("--user") + 1];
  const users = [ordinary, root].filter(({ id }) => !args.includes("--user") || (chosen === "root") === (id === 0));
  const folder = mkdtempSync(join(tmpdir(), "rec-io-setup-clean-"));
  const tree = join(folder, "tree");
  try {
    makeTree(tree, say);
    const bundle = join(folder, "repository.bundle");
    const made = spawnSync("git", ["bundle", "create", "--quiet", bundle, "HEAD"], {
      cwd: project,
      stdio: ["ignore", 2, 2],
    });
    if (made.status !== 0) throw new Stop("clean-machine.no-bundle", "git could not pack this repository.");
    cpSync(bundle, join(tree, "mnt/repository.bundle"));
    cpSync(join(__dirname, "inside.cjs"), join(tree, "mnt/inside.cjs"));
    for (const name of ["repository.bundle", "inside.cjs"]) chmodSync(join(tree, "mnt", name), 0o644);
    const results = users.map(({ name, id, home }) => {
      say(`as ${name}`);
      const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"];
      const inside = ["/usr/local/bin/node", "/mnt/inside.cjs", "/mnt/repository.bundle", freePort()];
      const script = join(__dirname, "enter.sh");
      const end = spawnSync("unshare", [...namespaces, "sh", script, tree, String(id), home, ...inside], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", 2],
        maxBuffer: 64 * 1024 * 1024,
      });
      const last = end.stdout.trim().split("\n").at(-1) ?? "";
      const seen = last.startsWith("{") ? JSON.parse(last) : undefined;
      if (seen) return { ...seen, faults: faultsOf(seen), left: { ...seen.left, files: seen.left.files.slice(0, 40) } };
      return { user: name, faults: [`nothing was said (${end.status})`] };
    });
    process.stdout.write(
      `${JSON.stringify({ ok: results.every(({ faults }) => faults.length === 0), results }, null, 2)}\n`,
    );
    return results.every(({ faults }) => faults.length === 0) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = { faultsOf, runCleanMachine };
