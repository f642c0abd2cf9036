"use server";
import { z } from "zod";
import type { Answer } from "../../components/ui/answer.ts";
import { type DescribedPlan, runtime } from "../../lib/runtime.ts";
import { answering } from "../server/answering.ts";

const name = z.string().min(1).max(200);

/** Asks a run to stop after what it is doing. */
export async function stop(token: string, runId: string): Promise<Answer<null>> {
  return answering(token, async () => {
    await runtime().stop(name.parse(runId));
    return null;
  });
}

/** Goes on with a run that stopped, failed or was interrupted. */
export async function resume(token: string, runId: string): Promise<Answer<{ runId: string }>> {
  return answering(token, () => runtime().resume(name.parse(runId)));
}

const source = z.object({ sourcePassword: z.string().min(1).max(1000) }).partial();
const administrator = z.object({ databaseAdminPassword: z.string().min(1).max(1000) }).partial();

/** Takes back what a run did, as a run of its own; on a server that is not ours with its administrator's password. */
export async function undo(
  token: string,
  runId: string,
  databaseAdminPassword?: string,
): Promise<Answer<{ runId: string }>> {
  return answering(token, () => runtime().undo(name.parse(runId), administrator.parse({ databaseAdminPassword })));
}

/** Proposes what was installed before a change of the Kalshi key; nothing is changed by it. */
export async function proposeKeyBefore(token: string, runId: string): Promise<Answer<null>> {
  return answering(token, async () => {
    await runtime().proposeKeyBefore(name.parse(runId));
    return null;
  });
}

/** What one step would change now, told with the administrator's password of a server that is not ours. Reads only. */
export async function describeRepair(
  token: string,
  stepId: string,
  databaseAdminPassword: string,
): Promise<Answer<DescribedPlan>> {
  return answering(token, () =>
    runtime().describeRepair(name.parse(stepId), administrator.parse({ databaseAdminPassword })),
  );
}

/** Runs one step again, exactly as it was shown. */
export async function repair(
  token: string,
  stepId: string,
  consentHash: string,
  databaseAdminPassword?: string,
  sourcePassword?: string,
): Promise<Answer<{ runId: string }>> {
  return answering(token, () =>
    runtime().repair(name.parse(stepId), name.parse(consentHash), {
      ...administrator.parse({ databaseAdminPassword }),
      ...source.parse({ sourcePassword }),
    }),
  );
}
