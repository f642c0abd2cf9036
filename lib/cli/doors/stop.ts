import { stopServer } from "../../server/start-server.ts";
import type { Door } from "../door.ts";

/** Takes the page off. REC.IO is not touched. */
export const stopDoor: Door = {
  name: "stop",
  usage: "",
  says: "Ends the page's server. REC.IO is not touched.",
  options: [],
  positionals: [0, 0],
  async run({ paths }) {
    const stopped = await stopServer(paths.state);
    return {
      exit: 0,
      json: { stopped },
      lines: [stopped ? "The page is off. REC.IO was not touched." : "No page was on."],
    };
  },
};
