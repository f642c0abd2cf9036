import type { BreakState } from "../../lib/rehearsal/breaks/panel.ts";
import type { Answer } from "../ui/answer.ts";

/** What the break panel can do; app/rehearsal/actions.ts carries it out. The first argument is the write token. */
export interface BreakActions {
  breakIt(token: string, name: string, action: "throw" | "repair" | "mend"): Promise<Answer<BreakState[]>>;
}

export type LeaveRehearsal = (token: string) => Promise<Answer<null>>;
export type OpenRehearsal = (token: string) => Promise<Answer<{ link: string }>>;
