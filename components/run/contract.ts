import type { Answer } from "../ui/answer.ts";

/** What can be done to a run; app/runs/actions.ts carries it out. The first argument is the write token. */
export interface RunActions {
  stop(token: string, runId: string): Promise<Answer<null>>;
  resume(token: string, runId: string): Promise<Answer<{ runId: string }>>;
  undo(token: string, runId: string): Promise<Answer<{ runId: string }>>;
  repair(token: string, stepId: string, consentHash: string): Promise<Answer<{ runId: string }>>;
}
