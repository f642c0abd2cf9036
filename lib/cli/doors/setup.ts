import { forgetLink, openBrowser } from "../../server/open-browser.ts";
import type { Door, DoorContext, Outcome } from "../door.ts";
import { endOnInterrupt, followServer } from "../follow.ts";
import { ensureServer, mintLink } from "../page.ts";
import { unattended } from "./setup/from-answers.ts";
import { setUpFromBackup } from "./setup/from-backup.ts";

/** The page, with a person in front of it: a link, a browser, and a terminal that follows. */
async function attended(context: DoorContext, door: string, dev: boolean): Promise<Outcome> {
  const { say, json, paths, build } = context;
  if (!json) endOnInterrupt(context, 0, dev);
  const status = await ensureServer(context, door, dev);
  const first = await mintLink(context, status);
  if (json)
    return {
      exit: 0,
      json: {
        url: `http://localhost:${status.port}/`,
        ...first,
        pid: status.pid,
        port: status.port,
        installed: status.installed,
      },
      lines: [],
    };
  if (!first) return { exit: 1, json: {}, lines: ["The server has ended meanwhile."] };
  endOnInterrupt(context, 0, dev);
  say(
    status.settled
      ? "REC.IO is installed. Its health page:"
      : "Open this link to go on; it works once, within ten minutes:",
  );
  say(`  ${first.link}`);
  if (!context.flags.has("--no-open") && build.hasDisplay && !(await openBrowser(first.link, paths.state)))
    say("No browser could be opened from here.");
  say(
    status.settled
      ? "Enter makes a new link. Ctrl-C ends this terminal's part, the page stays on."
      : "Enter makes a new link. Ctrl-C ends the page.",
  );
  await followServer(context, async () => {
    const next = await mintLink(context, status);
    say(next ? `  ${next.link}` : "The server has ended meanwhile.");
  });
  forgetLink(paths.state);
  return { exit: 0, json: {}, lines: ["The page is off."] };
}

/** The main door: the page is on, and a person gets a link to it; or, with answers, an installation without a person. */
export const setupDoor: Door = {
  name: "setup",
  usage: "[--answers FILE] [--from-backup FILE] [--no-open]",
  says: "Opens the page that installs REC.IO and proves that it works.",
  options: [
    { name: "--answers", value: "FILE", says: "install with these answers, asking nobody; exit 0 only if installed" },
    { name: "--from-backup", value: "FILE", says: "become the installation that this file of npm run backup holds" },
    { name: "--passphrase-file", value: "FILE", says: "--from-backup: its passphrase (else asked for)" },
    { name: "--checkout", value: "DIR", says: "--from-backup: the REC.IO here (else where it was, cloned if need be)" },
    { name: "--no-open", says: "open no browser" },
  ],
  positionals: [0, 0],
  async run(context) {
    const file = context.values.get("--answers");
    const backup = context.values.get("--from-backup");
    if (backup !== undefined) return setUpFromBackup(context, backup);
    if (file === undefined) return attended(context, "setup", false);
    return unattended(context, file);
  },
};

/** The same page from the sources, compiled as they change. For whoever works on the product; nothing is installed with it. */
export const devDoor: Door = {
  name: "dev",
  usage: "[--no-open]",
  says: "The page from the sources, compiled as they change.",
  options: [{ name: "--no-open", says: "open no browser" }],
  positionals: [0, 0],
  run: (context) => attended(context, "dev", true),
};
