import { existsSync } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Problem, sentence } from "../problem.ts";
import { childEnvironment } from "../settings.ts";
import type { ExecOptions, ExecResult, Files } from "./machine.ts";

type Exec = (program: string, args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

interface Hands {
  exec: Exec;
  files: Files;
}

/** The tool that writes into programs and libraries where their own libraries are. */
export const relocator = "patchelf";

/** What a user without root's rights needs for unpacking: apt resolves and fetches, dpkg-deb unpacks. */
export const canUnpack = () => existsSync("/usr/bin/apt-get") && existsSync("/usr/bin/dpkg-deb");

const downloadTimeoutMs = 30 * 60_000;

/** Every file below a folder, links not followed. */
async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * The packages that dpkg knows as installed, less Python's: where Python itself has to be unpacked it is unpacked whole,
 * since half of it in /usr and half elsewhere is no Python. Pure.
 */
export function withoutPython(status: string): string {
  return status
    .split(/\n\n+/)
    .filter((stanza) => !/^Package: (lib)?python3/m.test(stanza))
    .join("\n\n");
}

/**
 * What packages of Debian ask for and never use when they run: scipy names the compiler that it was built with, which
 * would bring half a gigabyte of further compilers. apt is told that they are there.
 */
const neverUsed = ["python3-pythran"].map(
  (name) =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nMulti-Arch: foreign\nVersion: 9999\nMaintainer: none\nDescription: left out\n`,
);

/**
 * Header of a Python script that was unpacked: the interpreter is the unpacked one beside it, else the system's, and the
 * packages beside it can be imported. A shell reads its first lines, so the path may be long and hold blanks.
 */
const scriptHeader = `#!/bin/sh
'''exec' "$(test -x "\${0%/*}/python3" && echo "\${0%/*}/python3" || echo /usr/bin/python3)" -I "$0" "$@"
' '''
import os, sys
sys.path.append(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../lib/python3/dist-packages"))
`;

/** Lets the programs and libraries below `root` find the libraries that were unpacked with them, wherever it is moved. */
async function relocate({ exec, files }: Hands, root: string, log: (line: string) => void): Promise<void> {
  const all = await filesBelow(root);
  const binaries: string[] = [];
  for (const path of all) {
    const start = await firstBytes(path, 64);
    if (start.subarray(0, 4).equals(Buffer.from("\x7fELF", "latin1"))) binaries.push(path);
    else if (dirname(path) === join(root, "usr/bin") && /^#!\s*\/usr\/bin\/python3\b/.test(start.toString("latin1"))) {
      const script = ((await files.read(path)) ?? "").replace(/^#![^\n]*\n/, scriptHeader);
      await files.write(path, script, 0o755);
    }
  }
  // Blas and lapack keep theirs in folders of their own, to which only a link of the system's would lead.
  const shared = binaries.filter((path) => /\/lib[^/]*\.so[^/]*$/.test(path) && !/\/python3/.test(path));
  const folders = [...new Set(shared.map((path) => dirname(path)))].sort();
  if (folders.length === 0) return;
  const tool = join(root, "usr/bin", relocator);
  const env = { ...childEnvironment(), LD_LIBRARY_PATH: folders.join(":") };
  for (const path of binaries.filter((binary) => binary !== tool)) {
    const places = folders.map((folder) => `$ORIGIN/${relative(dirname(path), folder)}`).join(":");
    const { code, stderr } = await exec(tool, ["--set-rpath", places, path], { env });
    // A static program has no such place and needs none.
    if (code !== 0) log(`${relocator}: ${stderr.trim().split("\n").at(-1)}`);
  }
}

function didNotCome(names: readonly string[], command: string, evidence: { asked: string; cameBack: string }): Problem {
  return new Problem({
    code: "machine.packages-not-fetched",
    says: `This user is not root, and ${names.join(", ")} could not be fetched to be unpacked either.`,
    remedy: sentence(`Look at this machine's network, or run this once and try again: ${command}`),
    evidence,
  });
}

/**
 * Fetches packages, and what they depend on and this system lacks, with apt's own resolver and signatures, and unpacks
 * them into a folder of this installation; nothing of the system changes. What was unpacked there before is replaced.
 * @param folder where their root is to be; below the state folder
 * @param command what a person with root's rights could run instead
 * @returns the names of all packages that were unpacked
 * @throws Problem `machine.packages-not-fetched`, `machine.packages-not-unpacked`
 */
export async function unpackPackages(
  { exec, files }: Hands,
  folder: string,
  names: readonly string[],
  command: string,
  job: { log(line: string): void; signal: AbortSignal },
): Promise<string[]> {
  const work = `${folder}.new`;
  await files.removeTree(work);
  const at = (...parts: string[]) => join(work, ...parts);
  for (const made of ["lists/partial", "archives/partial", "root"]) await files.makeFolder(at(made), 0o700);
  const status = (await files.read("/var/lib/dpkg/status")) ?? "";
  const known = names.includes("python3") ? withoutPython(status) : status;
  await files.write(at("status"), [known.trimEnd(), ...neverUsed].join("\n\n"), 0o600);
  const settings = [
    `Dir::State::status=${at("status")}`,
    `Dir::Cache::archives=${at("archives")}`,
    "Dir::Cache::pkgcache=",
    "Dir::Cache::srcpkgcache=",
    "Debug::NoLocking=true",
    "Acquire::Languages=none",
  ];
  const apt = (more: readonly string[], args: readonly string[]) =>
    exec("apt-get", [...[...settings, ...more].flatMap((setting) => ["-o", setting]), ...args], {
      env: { ...childEnvironment(), DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
      signal: job.signal,
      timeoutMs: downloadTimeoutMs,
      onLine: (line) => {
        if (/^(Get|Err|E|W):/.test(line)) job.log(line);
      },
    });
  const ownLists = [`Dir::State::lists=${at("lists")}`];
  const updated = (await apt(ownLists, ["update"])).code === 0;
  if (!updated) job.log("apt-get update failed; going on with the package lists that are here");
  const fetchArgs = ["install", "--download-only", "--yes", "--no-install-recommends", ...names, relocator];
  const fetched = await apt(updated ? ownLists : [], fetchArgs);
  if (fetched.code !== 0) {
    await files.removeTree(work);
    const said = `${fetched.stderr}\n${fetched.stdout}`.split("\n").filter((line) => /^(E|W|Err):/.test(line));
    const cameBack = said.slice(-5).join("\n") || `exit code ${fetched.code}`;
    throw didNotCome(names, command, { asked: "apt-get install --download-only", cameBack });
  }
  const archives = (await files.list(at("archives"))).filter((name) => name.endsWith(".deb"));
  for (const archive of archives) {
    const { code, stderr } = await exec("dpkg-deb", ["--extract", at("archives", archive), at("root")], {
      signal: job.signal,
    });
    if (code === 0) continue;
    throw new Problem({
      code: "machine.packages-not-unpacked",
      says: `${archive} could not be unpacked.`,
      remedy: sentence("Look whether the disk is full, and try again."),
      evidence: { asked: "dpkg-deb --extract", cameBack: stderr.trim().slice(-300) },
    });
  }
  await relocate({ exec, files }, at("root"), job.log);
  await files.setMode(at("root"), 0o700);
  await files.removeTree(folder);
  await files.rename(at("root"), folder);
  await files.removeTree(work);
  return archives.map((name) => name.split("_")[0] ?? name);
}

/** Which of these packages are unpacked in the folder: each brings its copyright file, and the folder is whole or absent. */
export async function unpackedOf(folder: string, names: readonly string[]): Promise<string[]> {
  const there = await Promise.all(
    names.map((name) =>
      lstat(join(folder, "usr/share/doc", name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.filter((_name, index) => there[index]);
}
