import { createInterface } from "node:readline/promises";
import { stopServer } from "../../server/start-server.ts";
import { forgetState } from "../../server/state/forget-state.ts";
import { isThere } from "../../server/state/private-file.ts";
import type { Door, DoorContext } from "../door.ts";
import { withHolder } from "../holder.ts";

async function confirmed(context: DoorContext): Promise<boolean> {
  if (context.flags.has("--yes")) return true;
  if (!context.interactive) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question("Type uninstall to go on: ")).trim() === "uninstall";
  } finally {
    terminal.close();
  }
}

const listed = (title: string, things: readonly string[]) =>
  things.length === 0 ? [] : [title, ...things.map((thing) => `  ${thing}`)];

/** Takes back what the receipts say we made, then the page and its state. */
export const uninstallDoor: Door = {
  name: "uninstall",
  usage: "[--yes]",
  says: "Lists what goes and what stays, then takes it back. Exit 0 if all was taken back.",
  options: [{ name: "--yes", says: "ask nobody" }],
  positionals: [0, 0],
  async run(context) {
    const { paths, say } = context;
    if (!isThere(paths.state))
      return { exit: 0, json: { takenBack: [], left: [] }, lines: ["Nothing is installed: there is nothing to do."] };
    const done = await withHolder(context, async (holder) => {
      const plan = await holder.call("describe-uninstall", {});
      for (const line of [...listed("This goes:", plan.goes), ...listed("This stays:", plan.stays)]) say(line);
      return (await confirmed(context)) ? { ...(await holder.call("uninstall", {})), stays: plan.stays } : undefined;
    });
    if (!done)
      return {
        exit: 1,
        json: { takenBack: [], left: [], confirmed: false },
        lines: ["Nothing was taken back: it wants --yes, or the word uninstall."],
      };
    if (done.left.length > 0) {
      // The receipts and the page stay, so that what is left can be taken back later.
      return {
        exit: 1,
        json: done,
        lines: [...listed("Taken back:", done.takenBack), ...listed("Could not be taken back:", done.left)],
      };
    }
    await stopServer(paths.state);
    const left = forgetState(paths);
    return {
      exit: left.length === 0 ? 0 : 1,
      json: { ...done, left },
      lines: [
        ...listed("Taken back:", done.takenBack),
        ...listed("Left, because we did not make it:", left),
        left.length === 0 ? "Everything was taken back." : "The rest was taken back.",
      ],
    };
  },
};
