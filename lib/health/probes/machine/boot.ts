import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { bootManager, isEnabled } from "../../../machine/boot/starter.ts";
import { type BootCommand, type BootManager, bootFile, bootName, bootText } from "../../../machine/boot/unit.ts";
import { projectRoot } from "../../../paths.ts";
import { repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";

type Needs = Pick<World, "machine" | "paths" | "settings" | "kind">;

export interface BootFacts {
  manager: BootManager | undefined;
  file: "absent" | "other" | "same";
  enabled: boolean;
}

/** What this installation is started with. */
export function bootCommand({ paths, settings, kind }: Pick<Needs, "paths" | "settings" | "kind">): BootCommand {
  return {
    node: process.execPath,
    project: projectRoot(),
    state: paths.state,
    home: settings.home,
    rehearsal: kind === "rehearsal",
  };
}

export async function lookAtBoot(world: Needs): Promise<BootFacts> {
  const { machine, paths } = world;
  const manager = await bootManager(machine);
  if (!manager) return { manager, file: "absent", enabled: false };
  const command = bootCommand(world);
  const text = await machine.files.read(bootFile(command, manager));
  const file = text === undefined ? "absent" : text === bootText(command, manager) ? "same" : "other";
  return {
    manager,
    file,
    enabled: file !== "absent" && (await isEnabled(machine, manager, bootName(paths.state, manager))),
  };
}

export function judgeBoot({ manager, file, enabled }: BootFacts): Finding {
  const remedy = repairedBy("start-at-boot", "Have REC.IO started at boot");
  if (!manager)
    return {
      level: "warn",
      says: "This system runs no systemd, so nothing starts REC.IO at boot.",
      remedy: sentence("After a reboot, npm start brings it back."),
    };
  if (file === "absent") return { level: "fail", says: "REC.IO is not started at boot.", remedy };
  if (file === "other")
    return { level: "fail", says: "What starts REC.IO at boot is not what this version writes.", remedy };
  if (!enabled) return { level: "fail", says: "The unit that starts REC.IO is there and not enabled.", remedy };
  const when = manager.scope === "user" ? "when you log in" : "at boot";
  return { level: "ok", says: `${manager.kind} starts REC.IO ${when}.` };
}

/** Asked only where the person wants it. */
export const bootProbe: AnyProbe = probe({
  id: "start-at-boot",
  title: "REC.IO is started at boot",
  group: "Machine",
  label: "machine",
  everyMs: 60_000,
  collect: (world: Needs) => lookAtBoot(world),
  judge: judgeBoot,
});
