import { join } from "node:path";
import { findPython } from "../../checkout/python/find-python.ts";
import { expandHome } from "../../checkout/source/recognise.ts";
import { type Change, type Job, type Step, step } from "../../engine/step.ts";
import {
  judgePackages,
  lookAtEnvironment,
  lookAtPackages,
  pythonProbes,
  rememberRequirements,
} from "../../health/probes/checkout/python.ts";
import { Problem, sentence } from "../../problem.ts";
import { programsUser } from "../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";

type Needs = Pick<World, "machine" | "checkout" | "paths">;
type Receipt = { readonly folder: string; readonly packages: "system" | "pip" };

/** Numpy, pandas and scipy are a hundred megabytes together, and a slow line is allowed. */
const pipTimeoutMs = 20 * 60_000;

async function makeEnvironment(
  { machine, paths }: Needs,
  packages: Receipt["packages"],
  job: Job<Receipt>,
): Promise<void> {
  const python = await findPython(machine, packages);
  job.log(`making an environment of Python ${python.version.join(".")}`);
  // What an interrupted attempt left would be taken for a whole environment.
  await machine.files.removeTree(paths.python);
  await machine.files.makeFolder(paths.state, 0o700);
  // With Debian's packages nothing is installed into the environment, so it needs no pip of its own.
  const how = packages === "system" ? ["--system-site-packages", "--without-pip"] : [];
  const options = { signal: job.signal, timeoutMs: 180_000 };
  const { code, stdout, stderr } = await machine.exec(python.path, ["-I", "-m", "venv", ...how, paths.python], options);
  if (code === 0) {
    const unpacked = join(machine.packages.folder, "usr/lib/python3/dist-packages");
    const [home] = (await machine.files.list(join(paths.python, "lib"))).filter((name) => name.startsWith("python3."));
    // Packages that were unpacked beside an installed Python are behind the system's own; an unpacked Python has them.
    if (packages === "system" && home && !python.path.startsWith(machine.packages.folder))
      if (await machine.files.facts(unpacked))
        await machine.files.write(
          join(paths.python, "lib", home, "site-packages/unpacked.pth"),
          `${unpacked}\n`,
          0o600,
        );
    return;
  }
  await machine.files.removeTree(paths.python);
  const said = `${stdout}\n${stderr}`;
  const remedy = /ensurepip/.test(said)
    ? `Install python3-venv (${machine.packages.command(["python3-venv"])}) and try again.`
    : "Look at what Python said, and try again.";
  throw new Problem({
    code: "python.environment-not-made",
    says: "Python could not make a virtual environment.",
    remedy: sentence(remedy),
    evidence: { asked: "python -m venv", cameBack: said.trim().split("\n").slice(-3).join("\n").slice(0, 500) },
  });
}

/** What pip's own words amount to. Pure. */
export function pipProblem(said: string): Problem {
  const evidence = {
    asked: "pip install -r requirements.txt bcrypt",
    cameBack: said.trim().split("\n").slice(-4).join("\n").slice(0, 800),
  };
  if (/No space left on device/.test(said))
    return new Problem({
      code: "python.no-space",
      says: "There is no space left for the Python packages.",
      remedy: sentence("Free some disk space and try again."),
      evidence,
    });
  if (
    /Failed to establish a new connection|Name or service not known|Temporary failure in name resolution|ConnectTimeout|ProxyError|NewConnectionError|Network is unreachable|Could not fetch URL/.test(
      said,
    )
  )
    return new Problem({
      code: "python.index-unreachable",
      says: "The package index of Python cannot be reached from this machine.",
      remedy: sentence("Look at the network and try again, or choose Debian's packages for Python."),
      evidence,
    });
  const unavailable = /No matching distribution found for (\S+)/.exec(said)?.[1];
  if (unavailable !== undefined && /^Looking in links/m.test(said))
    return new Problem({
      code: "python.wheel-missing",
      says: `The folder of wheels holds no ${unavailable} that fits this Python.`,
      remedy: sentence("Put its wheel there (pip download on a machine with the same system), and try again."),
      evidence,
    });
  if (unavailable !== undefined)
    return new Problem({
      code: "python.package-unavailable",
      says: `There is no Python package ${unavailable} for this Python.`,
      remedy: sentence("Choose Debian's packages for Python, or use another Python version."),
      evidence,
    });
  return new Problem({
    code: "python.packages-not-installed",
    says: "pip could not install the packages of requirements.txt.",
    remedy: sentence("Look at what pip said, correct it and try again."),
    evidence,
  });
}

/** Names of the packages in a requirements file: what is no comment, option or empty line. Pure. */
export function requirementNames(text: string): string[] {
  return text.split("\n").flatMap((line) => /^\s*([A-Za-z0-9][\w.-]*)/.exec(line.replace(/#.*/, ""))?.[1] ?? []);
}

/** @param wheels a folder that pip looks in instead of the package index */
async function installWithPip(
  { machine, checkout }: Needs,
  wheels: string | undefined,
  job: Job<Receipt>,
): Promise<void> {
  const requirements = checkout.at("requirements.txt");
  const total = requirementNames((await machine.files.read(requirements)) ?? "").length + 1;
  let seen = 0;
  const args = ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"];
  const from = wheels === undefined ? [] : ["--no-index", `--find-links=${wheels}`];
  const { code, stdout, stderr } = await machine.exec(
    checkout.python,
    [...args, ...from, "-r", requirements, "bcrypt"],
    {
      signal: job.signal,
      timeoutMs: pipTimeoutMs,
      onLine(line) {
        job.log(line);
        if (/^(Collecting|Requirement already satisfied)/.test(line)) seen = Math.min(total, seen + 1);
        const installing = line.startsWith("Installing collected packages");
        job.progress(installing ? total : seen, total, "packages", installing ? "Installing" : "Fetching");
      },
    },
  );
  if (code !== 0) throw pipProblem(`${stdout}\n${stderr}`);
}

/** The folder that an answer names, with the person's home written out. */
function placeOf(answer: string, { settings }: Pick<World, "settings">): string {
  return answer.startsWith("~/") ? expandHome(answer, settings.home) : answer;
}

function notWhole(says: string): Problem {
  return new Problem({
    code: "python.modules-missing",
    says,
    remedy: sentence("Install the missing packages, or choose the other source for Python's packages, and try again."),
  });
}

/** Makes the interpreter that REC.IO's programs run with, in the state folder: the checkout stays as it is. */
export function createPythonEnvironment(
  answers: Pick<Answers, "python">,
): Step<"machine" | "checkout" | "paths" | "settings", Receipt> {
  const { packages, wheels } = answers.python;
  return step({
    id: "create-python-environment",
    title: "Create the Python environment",
    why: "The programs run with one interpreter of their own, in which every module that they import is proven to be there.",
    probes: pythonProbes,
    async describe({ paths, checkout }): Promise<Change[]> {
      const what = packages === "system" ? "sees Debian's packages (--system-site-packages)" : "filled by pip";
      const folder: Change = { what: "folder", target: paths.python, detail: `a Python environment, ${what}` };
      if (packages === "system") return [folder];
      return [
        folder,
        {
          what: "package",
          target: "requirements.txt and bcrypt",
          detail: `with pip, from ${checkout.at("requirements.txt")}${wheels === undefined ? "" : `, out of the wheels in ${wheels}`}`,
        },
      ];
    },
    async run(world, job): Promise<Receipt> {
      const receipt: Receipt = { folder: world.paths.python, packages };
      const { version } = await lookAtEnvironment(world);
      const known = await world.machine.files.read(join(world.paths.python, "pyvenv.cfg"));
      const sees = /include-system-site-packages\s*=\s*true/.test(known ?? "");
      // A whole environment of the right kind is filled up; anything else is made anew.
      // So is one that sees the system's packages and yet misses a module: what stands in their way is in itself.
      const hides = packages === "system" && judgePackages(await lookAtPackages(world, job.signal)).level === "fail";
      if (!version || sees !== (packages === "system") || hides) await makeEnvironment(world, packages, job);
      await job.spent(receipt);
      if (packages === "pip") await installWithPip(world, wheels && placeOf(wheels, world), job);
      const finding = judgePackages(await lookAtPackages(world, job.signal));
      if (finding.level === "fail") throw notWhole(finding.says);
      if (packages === "pip") await rememberRequirements(world);
      // Made by root for the programs' user: the state folder around it is closed to everybody else.
      if (await programsUser(world)) await world.machine.exec("chmod", ["-R", "a+rX", "--", world.paths.python]);
      return receipt;
    },
    undo: {
      async takeBack({ machine }, { folder }) {
        await machine.files.removeTree(folder);
      },
    },
  });
}
