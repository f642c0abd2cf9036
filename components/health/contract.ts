import type { TradingState } from "../../lib/runtime.ts";
import type { RepairActions } from "../plan/repair-button.tsx";
import type { Answer } from "../ui/answer.ts";

/** What can be done on the health page; app/health/actions.ts carries it out. The first argument is the write token. */
export interface HealthActions extends RepairActions {
  /** Without an id: every question. */
  lookAgain(token: string, id?: string): Promise<Answer<null>>;
  lock(token: string): Promise<Answer<null>>;
  confirmMove(token: string, typed: string): Promise<Answer<null>>;
  release(token: string, mode: "manual" | "all", typed: string, secondWarningSeen: boolean): Promise<Answer<null>>;
}

/** The order lock as it is told: whole to a session, its mode alone to whoever only looks. */
export type LockSeen = Pick<TradingState, "mode" | "intact"> & Partial<TradingState>;
