import { createHash } from "node:crypto";
import { join } from "node:path";

/** What is started at boot: the command of the page, which brings REC.IO back as well. */
export interface BootCommand {
  node: string;
  /** The folder of this product. */
  project: string;
  state: string;
  home: string;
  rehearsal: boolean;
}

/** Which of the two systems starts programs here, and for whom. */
export type BootManager = { kind: "systemd" | "launchd"; scope: "system" | "user" };

/** One name for each state folder: two installations are started by two units. Pure. */
export function bootName(state: string, { kind }: BootManager): string {
  const mark = createHash("sha256").update(state).digest("hex").slice(0, 8);
  return kind === "systemd" ? `rec-io-setup-${mark}.service` : `io.rec.setup.${mark}`;
}

/** Where its file lies. Pure. */
export function bootFile(command: Pick<BootCommand, "state" | "home">, manager: BootManager): string {
  const name = bootName(command.state, manager);
  if (manager.kind === "systemd")
    return manager.scope === "system"
      ? join("/etc/systemd/system", name)
      : join(command.home, ".config/systemd/user", name);
  return manager.scope === "system"
    ? join("/Library/LaunchDaemons", `${name}.plist`)
    : join(command.home, "Library/LaunchAgents", `${name}.plist`);
}

/** A word of a command line in a unit: systemd expands %, $ and backslashes, also within quotes. */
function systemdWord(word: string): string {
  return `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
}

/** A path that stands alone: systemd takes the rest of the line as it is, but for %. */
const systemdPath = (path: string) => path.replaceAll("%", "%%");

function words({ node, project, state, rehearsal }: BootCommand, ...door: string[]): string[] {
  return [node, join(project, "setup.cjs"), ...door, `--state=${state}`, ...(rehearsal ? ["--rehearsal"] : [])];
}

function systemdUnit(command: BootCommand, scope: BootManager["scope"]): string {
  const line = (...door: string[]) =>
    words(command, ...door)
      .map(systemdWord)
      .join(" ");
  return [
    "[Unit]",
    `Description=REC.IO and its page (${systemdPath(command.state)})`,
    "Wants=network-online.target",
    "After=network-online.target",
    "",
    "[Service]",
    "Type=oneshot",
    "RemainAfterExit=yes",
    `WorkingDirectory=${systemdPath(command.project)}`,
    `Environment=${systemdWord(`HOME=${command.home}`).replaceAll("$$", "$")}`,
    `ExecStart=${line("start")}`,
    `ExecStop=${line("recio", "stop")}`,
    "TimeoutStartSec=900",
    "TimeoutStopSec=180",
    "",
    "[Install]",
    `WantedBy=${scope === "system" ? "multi-user.target" : "default.target"}`,
    "",
  ].join("\n");
}

const xml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function launchdAgent(command: BootCommand, name: string): string {
  const strings = words(command, "start").map((word) => `    <string>${xml(word)}</string>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    "<dict>",
    "  <key>Label</key>",
    `  <string>${name}</string>`,
    "  <key>ProgramArguments</key>",
    "  <array>",
    ...strings,
    "  </array>",
    "  <key>WorkingDirectory</key>",
    `  <string>${xml(command.project)}</string>`,
    "  <key>RunAtLoad</key>",
    "  <true/>",
    "  <key>AbandonProcessGroup</key>",
    "  <true/>",
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
}

/** The whole text of the file that starts this installation at boot. Pure. */
export function bootText(command: BootCommand, manager: BootManager): string {
  return manager.kind === "systemd"
    ? systemdUnit(command, manager.scope)
    : launchdAgent(command, bootName(command.state, manager));
}
