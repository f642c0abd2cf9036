import { join } from "node:path";
import { Problem, sentence } from "../problem.ts";
import { childEnvironment } from "../settings.ts";
import type { ExecOptions, ExecResult, Files, MachineFacts, Packages } from "./machine.ts";
import { canUnpack, unpackedOf, unpackPackages } from "./unpacked-packages.ts";

type Tool = MachineFacts["packageTool"];
type Exec = (program: string, args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

/** An installation may have to download and unpack a hundred megabytes. */
const installTimeoutMs = 30 * 60_000;

/** Neither a dash first (it would be an option) nor anything that a shell would read in the command we show. */
const packageName = /^[a-z0-9][a-zA-Z0-9+._@-]*$/;

function installArgs(tool: Tool, names: readonly string[]): [program: string, args: string[]] {
  for (const name of names) if (!packageName.test(name)) throw new Error(`not the name of a package: ${name}`);
  switch (tool) {
    case "apt":
      return ["apt-get", ["install", "-y", "--no-install-recommends", ...names]];
    case "dnf":
      return ["dnf", ["install", "-y", ...names]];
    case "brew":
      return ["brew", ["install", ...names]];
    case "none":
      throw new Problem({
        code: "machine.no-package-tool",
        says: "This machine has neither apt, dnf nor brew.",
        remedy: sentence(`Install these with this system's own means and try again: ${names.join(", ")}.`),
      });
  }
}

/** Names of the installed packages in `dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\n'`. Pure. */
export function parseDpkg(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const [status, name] = line.split("\t");
    // The second letter is what is, not what is wanted: "i" is installed and configured.
    return status?.[1] === "i" && name ? [name] : [];
  });
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is dpkg's own notation, not ours.
const dpkgFormat = "${db:Status-Abbrev}\t${Package}\n";

async function installedOf(exec: Exec, tool: Tool, names: readonly string[]): Promise<string[]> {
  if (names.length === 0 || tool === "none") return [];
  const ask = async (program: string, args: string[]) => (await exec(program, args)).stdout;
  const lines = async (program: string, args: string[]) => (await ask(program, args)).split("\n");
  let there: string[];
  // These programs leave with 1 as soon as one of the names is not installed; what they print counts.
  if (tool === "apt") there = parseDpkg(await ask("dpkg-query", ["-W", "-f", dpkgFormat, ...names]));
  else if (tool === "dnf") there = await lines("rpm", ["-q", "--qf", "%{NAME}\n", ...names]);
  else there = await lines("brew", ["list", "--formula", "-1"]);
  return names.filter((name) => there.includes(name));
}

export interface PackagesGround {
  exec: Exec;
  tool: Tool;
  root: boolean;
  files: Files;
  /** Where packages are unpacked that this user may not install. */
  folder: string;
}

/** Packages of the operating system. `apt-get update` runs once in the life of this object, before its first install. */
export function systemPackages({ exec, tool, root, files, folder }: PackagesGround): Packages {
  let listsAreFresh = false;
  const command = (names: readonly string[]): string => {
    const [program, args] = installArgs(tool, names);
    const line = [program, ...args].join(" ");
    if (tool === "brew") return line;
    return tool === "apt" ? `sudo sh -c 'apt-get update && ${line}'` : `sudo ${line}`;
  };
  const way: Packages["way"] = () => {
    if (root || tool === "brew") return "install";
    return tool === "apt" && canUnpack() ? "unpack" : "none";
  };
  const unpacked: Packages["unpacked"] = (names) => unpackedOf(folder, names);
  return {
    folder,
    unpacked,
    async installed(names) {
      const there = new Set([...(await installedOf(exec, tool, names)), ...(await unpacked(names))]);
      return names.filter((name) => there.has(name));
    },
    way,
    command,
    unpack: (names, job) => unpackPackages({ exec, files }, folder, names, command(names), job),
    async place(path) {
      const unpacked = join(folder, path);
      if ((await files.realPath(path)) !== undefined || (await files.realPath(unpacked)) === undefined) return path;
      return unpacked;
    },
    async install(names, job) {
      if (names.length === 0) return;
      const [program, args] = installArgs(tool, names);
      if (!root && tool !== "brew") {
        throw new Problem({
          code: "machine.needs-root",
          says: `Installing ${names.join(", ")} needs the rights of root, which this user does not have.`,
          remedy: sentence(`Run this once, then try again: ${command(names)}`),
        });
      }
      const options: ExecOptions = {
        env: { ...childEnvironment(), DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
        signal: job.signal,
        timeoutMs: installTimeoutMs,
        // dpkg counts its own database aloud, twenty lines a package.
        onLine: (line) => {
          if (!/^\(Reading database \.\.\. (\d+%)?$/.test(line)) job.log(line);
        },
      };
      // Another package manager at work (unattended upgrades) is waited for, never broken into.
      const patience = ["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold"];
      if (tool === "apt" && !listsAreFresh) {
        const update = await exec("apt-get", [...patience, "update"], options);
        listsAreFresh = update.code === 0;
        // Old lists may still know the packages; whether they do is for the install to tell.
        if (!listsAreFresh) job.log("apt-get update failed; going on with the package lists that are here");
      }
      const result = await exec(program, tool === "apt" ? [...patience, ...args] : args, options);
      if (result.code === 0) return;
      const said = `${result.stderr}\n${result.stdout}`.split("\n").filter((line) => /^(E:|Error|error)/.test(line));
      throw new Problem({
        code: "machine.packages-not-installed",
        says: `${program} could not install ${names.join(", ")}.`,
        remedy: sentence(`Run this yourself to see why, then try again: ${command(names)}`),
        evidence: {
          asked: [program, ...args].join(" "),
          cameBack: said.slice(-5).join("\n") || `exit code ${result.code}`,
        },
      });
    },
  };
}
