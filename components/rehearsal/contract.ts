import type { BreakState } from "../../lib/rehearsal/breaks/panel.ts";
import type { RepairActions } from "../plan/repair-button.tsx";
import type { Answer } from "../ui/answer.ts";

/** What the break panel can do; app/rehearsal/actions.ts carries it out. The first argument is the write token. */
export interface BreakActions extends Pick<RepairActions, "describeRepair"> {
  breakIt(
    token: string,
    name: string,
    action: "throw" | "repair" | "mend",
    consentHash?: string,
  ): Promise<Answer<BreakState[]>>;
}

export type LeaveRehearsal = (token: string) => Promise<Answer<null>>;
export type OpenRehearsal = (token: string) => Promise<Answer<{ link: string }>>;
