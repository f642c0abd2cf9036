"use server";
import { z } from "zod";
import type { Answer } from "../../../components/ui/answer.ts";
import type { UpdateRehearsal } from "../../../lib/install/update/rehearse-update.ts";
import { type DescribedPlan, runtime } from "../../../lib/runtime.ts";
import { answering } from "../../server/answering.ts";

const name = z.string().trim().min(1).max(200).optional();
const commit = z.string().regex(/^[0-9a-f]{40,64}$/);

/** What another commit would mean; without a name, what a pull would bring. Changes nothing. */
export async function look(token: string, wanted?: string): Promise<Answer<UpdateRehearsal>> {
  return answering(token, () => runtime().rehearseUpdate(name.parse(wanted)));
}

/** What bringing REC.IO to that commit would do. */
export async function describe(token: string, to: string, anyway: boolean): Promise<Answer<DescribedPlan>> {
  return answering(token, () => runtime().describeUpdate(commit.parse(to), z.boolean().parse(anyway)));
}

/** Does it, exactly as it was shown. */
export async function update(
  token: string,
  to: string,
  anyway: boolean,
  consentHash: string,
): Promise<Answer<{ runId: string }>> {
  return answering(token, () =>
    runtime().update(commit.parse(to), z.boolean().parse(anyway), z.string().max(200).parse(consentHash)),
  );
}
