import type { Door } from "../door.ts";
import { ensureServer, mintLink } from "../page.ts";

/** Puts the page on and leaves it. */
export const startDoor: Door = {
  name: "start",
  usage: "",
  says: "Puts the page on and leaves it on.",
  options: [],
  positionals: [0, 0],
  async run(context) {
    const status = await ensureServer(context, "start");
    const minted = await mintLink(context, status);
    return {
      exit: 0,
      json: {
        url: `http://localhost:${status.port}/`,
        ...minted,
        pid: status.pid,
        port: status.port,
        installed: status.installed,
      },
      lines: minted
        ? ["The page is on. This link lets one browser in, once, within ten minutes:", `  ${minted.link}`]
        : ["The page is on."],
    };
  },
};
