import type { Door } from "../door.ts";
import { withHolder } from "../holder.ts";

/** Prints the connection URI of the target as REC.IO's role, password included, for its owner at the terminal. */
export const connectionDoor: Door = {
  name: "connection",
  usage: "",
  says: "Prints one line: the connection URI of REC.IO's database, with its password.",
  options: [],
  positionals: [0, 0],
  async run(context) {
    const answer = await withHolder(context, (holder) => holder.call("connection", {}));
    return { exit: 0, json: answer, lines: [answer.uri] };
  },
};
