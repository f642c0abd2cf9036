import type { RepairActions } from "../plan/repair-button.tsx";
import type { Answer } from "../ui/answer.ts";

/** What can be done to a run; app/runs/actions.ts carries it out. The first argument is the write token. */
export interface RunActions extends RepairActions {
  stop(token: string, runId: string): Promise<Answer<null>>;
  resume(token: string, runId: string): Promise<Answer<{ runId: string }>>;
  /** Takes a change of the Kalshi key back: what that changes is shown on a page of its own before it is done. */
  proposeKeyBefore(token: string, runId: string): Promise<Answer<null>>;
  /** The last argument is the password of the database's administrator, where the answer before asked for it. */
  undo(token: string, runId: string, databaseAdminPassword?: string): Promise<Answer<{ runId: string }>>;
}
