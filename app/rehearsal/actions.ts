"use server";
import { z } from "zod";
import type { Answer } from "../../components/ui/answer.ts";
import type { BreakState } from "../../lib/rehearsal/breaks/panel.ts";
import { runtime } from "../../lib/runtime.ts";
import { answering } from "../server/answering.ts";
import { breaks, leaving, rehearsing } from "../server/rehearsal.ts";

const switchName = z.string().min(1).max(100);
const hash = z.string().max(200).optional();
const switchAction = z.enum(["throw", "repair", "mend"]);

/** Throws a switch, begins its remedy as it was shown, or switches back. Seconds at most; a repair goes on by itself. */
export async function breakIt(
  token: string,
  name: string,
  action: string,
  consentHash?: string,
): Promise<Answer<BreakState[]>> {
  return answering(token, async () => {
    const panel = breaks(runtime());
    await panel[switchAction.parse(action)](switchName.parse(name), hash.parse(consentHash));
    return panel.states();
  });
}

/** Begins to remove every trace of this rehearsal, this server included. */
export async function leave(token: string): Promise<Answer<null>> {
  return answering(token, async () => {
    await leaving(runtime());
    return null;
  });
}

/** Opens the rehearsal beside this page: its own server, state and port. */
export async function open(token: string): Promise<Answer<{ link: string }>> {
  return answering(token, () => rehearsing(runtime()));
}
