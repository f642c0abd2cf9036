import { dirname } from "node:path";
import { type Change, type Step, step } from "../../engine/step.ts";
import { bootCommand, bootProbe } from "../../health/probes/machine/boot.ts";
import { bootManager, disable, enable, forgetRemoved } from "../../machine/boot/starter.ts";
import { type BootManager, bootFile, bootName, bootText } from "../../machine/boot/unit.ts";
import { Problem, sentence } from "../../problem.ts";

/** The file, and the folders that were made for it. */
type Receipt = { file: string; name: string; manager: BootManager; folders: string[] };

/** Has the system start the page at boot, which brings REC.IO back. Only where the person wants it. */
export const startAtBoot: Step<"machine" | "paths" | "settings" | "kind", Receipt> = step({
  id: "start-at-boot",
  title: "Start REC.IO at boot",
  why: "After a reboot nothing of REC.IO runs, and no stop-loss watches over an open trade, until somebody starts it.",
  probes: [bootProbe],
  async describe(world): Promise<Change[]> {
    const manager = await bootManager(world.machine);
    if (!manager) return [];
    const command = bootCommand(world);
    return [
      {
        what: "file",
        target: bootFile(command, manager),
        detail: `0644, ${manager.kind}:\n${bootText(command, manager)}`,
      },
    ];
  },
  async run(world, job): Promise<Receipt> {
    const { machine, paths } = world;
    const manager = await bootManager(machine);
    if (!manager)
      throw new Problem({
        code: "boot.nobody-starts",
        says: "This system runs no systemd, so nothing can start REC.IO at boot.",
        remedy: sentence("After a reboot, npm start brings it back."),
      });
    const command = bootCommand(world);
    const file = bootFile(command, manager);
    const name = bootName(paths.state, manager);
    const receipt: Receipt = { file, name, manager, folders: [] };
    await job.spent(receipt);
    receipt.folders = await machine.files.makeFolder(dirname(file), 0o755);
    await job.spent(receipt);
    await machine.files.write(file, bootText(command, manager), 0o644);
    await enable(machine, manager, name);
    if (manager.kind === "systemd" && manager.scope === "user")
      job.log("A user's unit starts when that user logs in; loginctl enable-linger has it start at boot.");
    return receipt;
  },
  undo: {
    async takeBack({ machine }, { file, name, manager, folders }, job) {
      if (await machine.files.facts(file)) await disable(machine, manager, name);
      await machine.files.remove(file);
      for (const folder of [...folders].reverse()) await machine.files.removeFolder(folder);
      await forgetRemoved(machine, manager);
      job.log(`${file} is removed.`);
    },
  },
});
