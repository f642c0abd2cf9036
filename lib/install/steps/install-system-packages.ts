import { type Change, type Step, step } from "../../engine/step.ts";
import { lookAtSystemPackages, systemPackagesProbe } from "../../health/probes/machine/machine-packages.ts";
import type { Machine } from "../../machine/machine.ts";
import { relocator } from "../../machine/unpacked-packages.ts";
import { Problem, sentence } from "../../problem.ts";
import type { Answers } from "../answers.ts";

/** The packages that were not there before: installed into the system, or unpacked into a folder of ours. */
type Receipt = { readonly installed: string[]; readonly unpacked?: { folder: string; packages: string[] } };

/** Debian's package starts a supervisord of the system's own; ours is another process with another socket. */
const ownService = "its own service starts with it and stays empty; REC.IO gets one of its own";

/** True where this user may install nothing, and what is missing can be unpacked: Python with what belongs to it, no git. */
function isUnpacked({ packages }: Machine, missing: readonly string[], from: Answers["python"]["packages"]): boolean {
  return from === "system" && packages.way() === "unpack" && !missing.includes("git");
}

/**
 * Brings what Python and supervisord need: with the system's own package manager, or, where this user is not root, by
 * unpacking the same packages into the state folder.
 */
export function installSystemPackages(
  answers: Pick<Answers, "python" | "data" | "consent">,
): Step<"machine" | "checkout", Receipt> {
  const from = answers.python.packages;
  return step({
    id: "install-system-packages",
    title: "Install system packages",
    why: "REC.IO's programs are Python under supervisord, and this system has packages for both.",
    probes: [systemPackagesProbe(answers)],
    async describe(world): Promise<Change[]> {
      const { missing } = await lookAtSystemPackages(world, answers);
      const { machine } = world;
      if (missing.length === 0) return [];
      if (!isUnpacked(machine, missing, from))
        return missing.map((name) => ({
          what: "package",
          target: name,
          ...(name === "supervisor" ? { detail: ownService } : {}),
        }));
      const detail = "unpacked for this installation alone, with what it depends on; nothing of the system changes";
      return [
        { what: "folder", target: machine.packages.folder, detail: "0700, because this user may not install packages" },
        ...missing.map((name): Change => ({ what: "package", target: name, detail })),
        {
          what: "package",
          target: relocator,
          detail: "unpacked there too: it tells the unpacked programs where their libraries are",
        },
      ];
    },
    async run(world, job): Promise<Receipt> {
      const { machine } = world;
      const { needed, missing, command } = await lookAtSystemPackages(world, answers);
      if (missing.length === 0) return { installed: [] };
      if (!answers.consent.systemPackages) {
        throw new Problem({
          code: "machine.packages-need-consent",
          says: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not installed, and you did not agree to have packages installed.`,
          remedy: sentence(`Agree to it in the answers, or run this and try again: ${command}`),
        });
      }
      if (!isUnpacked(machine, missing, from)) {
        await machine.packages.install(missing, job);
        return { installed: [...missing] };
      }
      const { folder } = machine.packages;
      await job.spent({ installed: [], unpacked: { folder, packages: [] } });
      // What was unpacked before is still needed, and the folder is made anew as a whole.
      const before = await machine.packages.unpacked(needed);
      const packages = await machine.packages.unpack([...before, ...missing], job);
      job.log(`${packages.length} packages are unpacked in ${folder}: ${packages.join(", ")}`);
      return { installed: [], unpacked: { folder, packages } };
    },
    undo: {
      keeps: ({ installed }) =>
        installed.length === 0
          ? undefined
          : `${installed.join(", ")} ${installed.length === 1 ? "stays" : "stay"} installed, because other programs may use packages of the operating system by now.`,
      async takeBack({ machine }, { unpacked }, job) {
        if (!unpacked) return;
        await machine.files.removeTree(`${unpacked.folder}.new`);
        await machine.files.removeTree(unpacked.folder);
        job.log(`${unpacked.folder} is removed.`);
      },
    },
  });
}
