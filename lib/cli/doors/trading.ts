import { createInterface } from "node:readline/promises";
import { type Door, type DoorContext, notUnderstood, type Outcome } from "../door.ts";
import { withHolder } from "../holder.ts";
import { tradingLines } from "../print.ts";

/** The word that is asked for: typed at the terminal, or given with --confirm where nobody can be asked. */
async function typedWord(context: DoorContext, word: "release" | "stopped", question: string): Promise<string> {
  const given = context.values.get("--confirm");
  if (given !== undefined) return given;
  if (!context.interactive)
    throw notUnderstood("trading", `trading wants --confirm ${word} where nobody can be asked.`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question(`${question} Type ${word} to go on: `)).trim();
  } finally {
    terminal.close();
  }
}

/** The person says that the installation which this one came from no longer trades. */
async function confirmMove(context: DoorContext): Promise<Outcome> {
  const { movedFrom } = await withHolder(context, (holder) => holder.call("trading", {}));
  const typed = movedFrom
    ? await typedWord(context, "stopped", `REC.IO on ${movedFrom.machine} no longer runs with this key.`)
    : "";
  const state = await withHolder(context, (holder) => holder.call("confirm-move", { typed }));
  return { exit: 0, json: state, lines: tradingLines(state) };
}

/** The order lock. */
export const tradingDoor: Door = {
  name: "trading",
  usage: "status|lock|release|confirm-move [--mode manual|all]",
  says: "Shows, locks and releases the order lock.",
  options: [
    { name: "--mode", value: "manual|all", says: "release: for orders by hand (default), or for automated ones too" },
    {
      name: "--confirm",
      value: "WORD",
      says: "the word release, or stopped for confirm-move, where nobody can be asked",
    },
    { name: "--real-money", says: "release: with a key of the production exchange, real money moves" },
  ],
  positionals: [1, 1],
  async run(context) {
    const [word] = context.positionals;
    const mode = context.values.get("--mode") ?? "manual";
    if (mode !== "manual" && mode !== "all") throw notUnderstood("trading", "--mode is manual or all.");
    if (word === "confirm-move") return confirmMove(context);
    if (word !== "status" && word !== "lock" && word !== "release")
      throw notUnderstood("trading", `trading does not know ${word}.`);
    if (word === "release") {
      // What the person releases for must have been read before the word is typed.
      for (const line of tradingLines(await withHolder(context, (holder) => holder.call("trading", {}))))
        context.say(line);
    }
    const may = `REC.IO may then send ${mode === "all" ? "orders by itself" : "orders that you give by hand"}.`;
    const typed = word === "release" ? await typedWord(context, "release", may) : "";
    const state = await withHolder(context, (holder) =>
      word === "status"
        ? holder.call("trading", {})
        : word === "lock"
          ? holder.call("lock-trading", {})
          : holder.call("release-trading", { mode, typed, secondWarningSeen: context.flags.has("--real-money") }),
    );
    return { exit: 0, json: state, lines: tradingLines(state) };
  },
};
