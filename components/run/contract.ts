import type { RepairActions } from "../plan/repair-button.tsx";
import type { Answer } from "../ui/answer.ts";

/** What can be done to a run; app/runs/actions.ts carries it out. The first argument is the write token. */
export interface RunActions extends RepairActions {
  stop(token: string, runId: string): Promise<Answer<null>>;
  resume(token: string, runId: string): Promise<Answer<{ runId: string }>>;
  /** The last argument is the password of the database's administrator, where the answer before asked for it. */
  undo(token: string, runId: string, databaseAdminPassword?: string): Promise<Answer<{ runId: string }>>;
}
