import { type Change, type Step, step } from "../../engine/step.ts";
import { lookAtSystemPackages, systemPackagesProbe } from "../../health/probes/machine/machine-packages.ts";
import { Problem, sentence } from "../../problem.ts";
import type { Answers } from "../answers.ts";

/** The packages that were not there before. */
type Receipt = { readonly installed: string[] };

/** Installs what Python and supervisord need with the system's own package manager. */
export function installSystemPackages(answers: Pick<Answers, "python" | "consent">): Step<"machine", Receipt> {
  return step({
    id: "install-system-packages",
    title: "Install system packages",
    why: "REC.IO's programs are Python under supervisord, and this system has packages for both.",
    probes: [systemPackagesProbe(answers)],
    async describe(world): Promise<Change[]> {
      const { missing } = await lookAtSystemPackages(world, answers.python.packages);
      return missing.map((name) => ({
        what: "package",
        target: name,
        // Debian's package starts a supervisord of the system's own; ours is another process with another socket.
        ...(name === "supervisor"
          ? { detail: "its own service starts with it and stays empty; REC.IO gets one of its own" }
          : {}),
      }));
    },
    async run(world, job): Promise<Receipt> {
      const { missing, command } = await lookAtSystemPackages(world, answers.python.packages);
      if (missing.length === 0) return { installed: [] };
      if (!answers.consent.systemPackages) {
        throw new Problem({
          code: "machine.packages-need-consent",
          says: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not installed, and you did not agree to have packages installed.`,
          remedy: sentence(`Agree to it in the answers, or run this and try again: ${command}`),
        });
      }
      await world.machine.packages.install(missing, job);
      return { installed: [...missing] };
    },
    undo: {
      never:
        "Packages of the operating system stay, because other programs may use them by now; the run's receipt names those that were new.",
    },
  });
}
