import { Problem, sentence } from "../../problem.ts";
import { childEnvironment } from "../../settings.ts";
import type { Machine } from "../machine.ts";
import type { BootManager } from "./unit.ts";

/** Where systemd keeps the running state of a user; without it there is nobody to ask. */
const runtimeFolder = () => `/run/user/${process.getuid?.() ?? 0}`;

/** Who starts programs at boot here, or undefined where nobody does: a container has no systemd running. */
export async function bootManager(machine: Machine): Promise<BootManager | undefined> {
  const { platform, root } = await machine.facts();
  const scope = root ? "system" : "user";
  if (platform === "darwin") return { kind: "launchd", scope };
  // What sd_booted(3) looks for.
  if ((await machine.files.facts("/run/systemd/system"))?.kind !== "folder") return undefined;
  if (!root && (await machine.files.facts(`${runtimeFolder()}/systemd`))?.kind !== "folder") return undefined;
  return { kind: "systemd", scope };
}

/** One call of systemctl for this scope; its exit status is the answer. */
async function systemctl(machine: Machine, { scope }: BootManager, ...words: string[]) {
  const env = { ...childEnvironment(), ...(scope === "user" ? { XDG_RUNTIME_DIR: runtimeFolder() } : {}) };
  return machine.exec("systemctl", [...(scope === "user" ? ["--user"] : []), "--no-ask-password", ...words], { env });
}

const launchdDomain = ({ scope }: BootManager) => (scope === "system" ? "system" : `gui/${process.getuid?.() ?? 0}`);

/** Whether the file is one that is really started at boot, and not only there. */
export async function isEnabled(machine: Machine, manager: BootManager, name: string): Promise<boolean> {
  // launchd starts whatever lies in its folders.
  if (manager.kind === "launchd") return true;
  return (await systemctl(machine, manager, "is-enabled", "--quiet", name)).code === 0;
}

/** Has the file that is there started from now on at every boot. It starts nothing now. @throws Problem `boot.not-enabled` */
export async function enable(machine: Machine, manager: BootManager, name: string): Promise<void> {
  if (manager.kind === "launchd") return;
  await systemctl(machine, manager, "daemon-reload");
  const { code, stderr } = await systemctl(machine, manager, "enable", name);
  if (code === 0) return;
  throw new Problem({
    code: "boot.not-enabled",
    says: "systemd does not take the unit that starts REC.IO at boot.",
    remedy: sentence("Look at what systemctl said; after a reboot, npm start brings REC.IO back."),
    evidence: { asked: `systemctl enable ${name}`, cameBack: stderr.trim().slice(-300) },
  });
}

/** The other way round, before the file is removed. What runs goes on running. */
export async function disable(machine: Machine, manager: BootManager, name: string): Promise<void> {
  if (manager.kind === "launchd") {
    await machine.exec("launchctl", ["bootout", `${launchdDomain(manager)}/${name}`]);
    return;
  }
  await systemctl(machine, manager, "disable", name);
}

/** Lets systemd forget a unit whose file is gone. */
export async function forgetRemoved(machine: Machine, manager: BootManager): Promise<void> {
  if (manager.kind === "systemd") await systemctl(machine, manager, "daemon-reload");
}
