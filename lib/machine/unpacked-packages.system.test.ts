import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { execProgram } from "./exec.ts";
import { localFiles } from "./files.ts";
import type { ExecOptions, ExecResult } from "./machine.ts";
import { systemPackages } from "./packages.ts";
import { withoutPython } from "./unpacked-packages.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rec 'unpack' "));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const job = () => ({ log: () => undefined, signal: new AbortController().signal });

/** A Debian package with a module, a program that imports it and the copyright file that every package has. */
function archive(into: string, name: string): void {
  const root = join(folder, "made", name);
  const put = (path: string, text: string, mode = 0o644) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  };
  put(`usr/lib/python3/dist-packages/${name}_module.py`, `says = "${name} is here"\n`);
  put(`usr/bin/${name}`, `#!/usr/bin/python3\nfrom ${name}_module import says\nprint(says, sys.argv[1:])\n`, 0o755);
  put(`usr/share/doc/${name}/copyright`, "nobody's\n");
  put("DEBIAN/control", `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n`);
  execFileSync("dpkg-deb", ["--build", root, join(into, `${name}_1_all.deb`)], { stdio: "ignore" });
}

/** The packages of a machine whose apt brings what we say, or fails; everything else is real. */
function packagesOf(fetch: (archives: string, names: readonly string[]) => Partial<ExecResult>) {
  const exec = async (program: string, args: readonly string[], options?: ExecOptions): Promise<ExecResult> => {
    if (program !== "apt-get") return execProgram(program, args, options);
    const none = { code: 0, signal: null, stdout: "", stderr: "" };
    if (args.includes("update")) return { ...none, code: 100 };
    const archives = args.find((arg) => arg.startsWith("Dir::Cache::archives="))?.slice(21) ?? "";
    const names = args.slice(args.indexOf("--no-install-recommends") + 1);
    return { ...none, ...fetch(archives, names) };
  };
  const place = join(folder, "state", "unpacked");
  const ground = { exec, tool: "apt", root: false, files: localFiles(join(folder, "state")), folder: place } as const;
  return { place, packages: systemPackages(ground) };
}

test.describe("Without root's rights", () => {
  test.skip(!existsSync("/usr/bin/dpkg-deb") || !existsSync("/usr/bin/python3"), "Debian's tools are not here");

  test("packages are fetched by apt and unpacked into a folder, where their programs and modules are found", async () => {
    const asked: string[][] = [];
    const { place, packages } = packagesOf((archives, names) => {
      asked.push([...names]);
      for (const name of names) if (name !== "patchelf") archive(archives, name);
      return {};
    });
    expect(packages.way()).toBe("unpack");
    expect(await packages.installed(["recsay"])).toEqual([]);
    expect(await packages.unpack(["recsay"], job())).toEqual(["recsay"]);
    expect(asked).toEqual([["recsay", "patchelf"]]);
    expect(await packages.installed(["recsay", "rectell"])).toEqual(["recsay"]);
    const program = await packages.place("/usr/bin/recsay");
    expect(program).toBe(join(place, "usr/bin/recsay"));
    expect((await execProgram(program, ["a b"])).stdout).toBe("recsay is here ['a b']\n");
    expect(await packages.place("/usr/bin/env")).toBe("/usr/bin/env");
    expect(readdirSync(join(folder, "state"))).toEqual(["unpacked"]);
    // Another one takes the place of all that was there.
    expect(await packages.unpack(["rectell"], job())).toEqual(["rectell"]);
    expect(await packages.installed(["recsay", "rectell"])).toEqual(["rectell"]);
  });

  test("what cannot be fetched is one sentence with the command for root, and leaves nothing", async () => {
    const { packages } = packagesOf(() => ({ code: 100, stderr: "E: Unable to fetch some archives\n" }));
    await expect(packages.unpack(["supervisor"], job())).rejects.toMatchObject({
      code: "machine.packages-not-fetched",
      says: "This user is not root, and supervisor could not be fetched to be unpacked either.",
      remedy: { says: expect.stringContaining("apt-get install -y --no-install-recommends supervisor") },
      evidence: { cameBack: "E: Unable to fetch some archives" },
    });
    expect(readdirSync(join(folder, "state"))).toEqual([]);
  });
});

test("Where Python is to be unpacked, what is installed of it does not count", () => {
  const stanza = (name: string) => `Package: ${name}\nStatus: install ok installed\n`;
  const status = [stanza("bash"), stanza("python3-minimal"), stanza("libpython3.11-minimal"), stanza("zlib1g")];
  expect(withoutPython(status.join("\n")).match(/^Package: .*/gm)).toEqual(["Package: bash", "Package: zlib1g"]);
});
