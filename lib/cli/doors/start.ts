import type { HealthReport } from "../../health/report.ts";
import { isProblem } from "../../problem.ts";
import { askServer } from "../../server/control/control-client.ts";
import type { Door, DoorContext } from "../door.ts";
import { ensureServer, mintLink } from "../page.ts";

/** The proofs have their own cadence, and a monitor that was just started writes after its first round. */
const provenWithinMs = 180_000;
const lookEveryMs = 500;

/** Waits until everything is proven again; the last report either way. */
async function untilProven({ paths }: DoorContext): Promise<HealthReport | undefined> {
  const deadline = Date.now() + provenWithinMs;
  for (;;) {
    const report = await askServer(paths.controlSocket, "health", { lookAgain: false });
    if (!report || report.installed || Date.now() > deadline) return report;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** Starts REC.IO where a reboot took it away; undefined where there was nothing to bring back. */
async function bringBack(context: DoorContext): Promise<{ installed: boolean; says: string[] } | undefined> {
  try {
    if (!(await askServer(context.paths.controlSocket, "bring-back", {}))) return undefined;
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return { installed: false, says: ["REC.IO could not be started.", thrown.says, thrown.remedy?.says ?? ""] };
  }
  context.say("REC.IO was not running, as after a reboot. It is started; its programs are being proven.");
  const report = await untilProven(context);
  if (report?.installed) return { installed: true, says: ["REC.IO runs again, and every program is proven."] };
  return { installed: false, says: ["REC.IO is started and not proven.", ...(report?.reasons.installed ?? [])] };
}

/** Puts the page on and leaves it. After a reboot this is the one command: it brings REC.IO back as well, proven. */
export const startDoor: Door = {
  name: "start",
  usage: "",
  says: "Puts the page on and leaves it on; after a reboot it brings REC.IO back as well.",
  options: [],
  positionals: [0, 0],
  async run(context) {
    const status = await ensureServer(context, "start");
    const back = await bringBack(context);
    const minted = await mintLink(context, status);
    return {
      exit: back && !back.installed ? 1 : 0,
      json: {
        url: `http://localhost:${status.port}/`,
        ...minted,
        pid: status.pid,
        port: status.port,
        installed: back?.installed ?? status.installed,
        broughtBack: back !== undefined,
        ...(back && !back.installed ? { reasons: back.says } : {}),
      },
      lines: [
        ...(back?.says.filter((line) => line !== "") ?? []),
        ...(minted
          ? ["The page is on. This link lets one browser in, once, within ten minutes:", `  ${minted.link}`]
          : ["The page is on."]),
      ],
    };
  },
};
