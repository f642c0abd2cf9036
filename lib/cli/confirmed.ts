import { createInterface } from "node:readline/promises";
import type { DoorContext } from "./door.ts";

/** True where `--yes` was given, or the person types the word at the terminal. Nobody there is nobody who agreed. */
export async function confirmed(context: DoorContext, word: string): Promise<boolean> {
  if (context.flags.has("--yes")) return true;
  if (!context.interactive) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question(`Type ${word} to go on: `)).trim() === word;
  } finally {
    terminal.close();
  }
}
