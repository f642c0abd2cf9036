import type { Break } from "./breaks/break.ts";
import type { BreakState } from "./breaks/panel.ts";
import type { TestRehearsal } from "./test-rehearsal.ts";

/** Asks again and again until there is an answer, or undefined when the time is over. */
export async function until<T>(withinMs: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined || Date.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export async function isInstalled(rehearsal: TestRehearsal, withinMs: number): Promise<boolean> {
  const look = async () => ((await rehearsal.ask("health", {})).installed ? true : undefined);
  return (await until(withinMs, look)) ?? false;
}

export async function switchState(rehearsal: TestRehearsal, name: string): Promise<BreakState> {
  const found = (await rehearsal.ask("breaks", {})).find((state) => state.name === name);
  if (!found) throw new Error(`there is no switch ${name}`);
  return found;
}

/** Presses the remedy's button and agrees to what it shows; where a switch has no remedy it is switched back. */
export async function putRight(rehearsal: TestRehearsal, { name, remedy }: Break): Promise<void> {
  if (!remedy) {
    await rehearsal.ask("break", { name, action: "mend" });
    return;
  }
  const { hash } = await rehearsal.ask("describe-repair", { stepId: remedy.stepId });
  await rehearsal.ask("break", { name, action: "repair", consentHash: hash });
}

/** "3.2 s", or "never". */
export function secondsOf(ms: number | undefined): string {
  return ms === undefined ? "never" : `${(ms / 1000).toFixed(1)} s`;
}
