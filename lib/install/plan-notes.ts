import type { World } from "../world.ts";
import type { Answers } from "./answers.ts";
import { shimsFor } from "./steps/install-hook.ts";

const shimSays: Readonly<Record<string, string>> = {
  "websockets-additional-headers":
    "This machine's websockets is older than the checkout expects; the hook translates the name of one argument.",
  "fastapi-lifespan": "This machine's FastAPI ignores start-up handlers of the checkout; the hook runs them.",
  "kalshi-today":
    "The hook shows REC.IO today's prices, markets and account of Kalshi under the names of 2025, as you chose. It is for reading only; orders stay as they are, so nothing becomes tradable by it.",
};

/** Sentences that the person must have seen before consenting. Reads only. */
export async function planNotes(answers: Answers, world: World): Promise<string[]> {
  if (answers.checkout.kind === "clone") {
    return ["Only the repository is cloned now. What follows from it is shown when it is here."];
  }
  const notes = ["New orders are held from the beginning, and automated entry is off, until you release them."];
  if (answers.moved)
    notes.push(
      `This installation comes from ${answers.moved.machine}. Until you say that REC.IO there no longer trades with the same key, no order passes here, not even one that closes: positions are protected there, or not at all.`,
    );
  for (const name of answers.consent.goOnWithout)
    notes.push(`REC.IO will run without ${name}, as you agreed. The health page keeps saying so.`);
  if (answers.kalshi.kind === "none")
    notes.push("Without a Kalshi key, account, positions and orders do not work. Prices and strike tables do.");
  if (answers.kalshi.kind === "key" && answers.kalshi.environment === "prod")
    notes.push("The key is a production key: what is released later spends real money.");
  if (answers.data.kind === "none")
    notes.push(
      "Without the probability lookup every strike table says 50.00, so the installation will not count as installed.",
    );
  for (const shim of await shimsNow(world, answers)) notes.push(shimSays[shim] ?? `The hook uses the shim ${shim}.`);
  return notes;
}

/** The shims as far as they can be known: without the environment of the programs they are found later, and shown then. */
async function shimsNow(world: World, answers: Answers): Promise<string[]> {
  return shimsFor(world, answers, AbortSignal.timeout(20_000)).catch(() => []);
}

/** What a person must have read before another key takes the place of the installed one. Pure. */
export function keyNotes(before: Pick<Answers, "kalshi">, after: Pick<Answers, "kalshi">): string[] {
  const notes = [
    before.kalshi.kind === "key"
      ? "The key that is installed stays until the new one is accepted as it stands on disk. Then it is kept among this installation's secrets, so that the change can be taken back."
      : "REC.IO has no key until now. The programs that need one are started with it; back to no key there is only the uninstall.",
  ];
  const switched = before.kalshi.environment !== after.kalshi.environment;
  if (switched)
    notes.push(
      after.kalshi.environment === "prod"
        ? "REC.IO goes over to production: what is released later spends real money. Positions in demo are no longer watched."
        : "REC.IO goes over to demo. Positions in production are no longer watched: close them first.",
    );
  notes.push("New orders stay as they are held or released; nothing here changes the order lock.");
  return notes;
}
