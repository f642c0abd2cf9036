"use server";
import { z } from "zod";
import type { PageAnswer } from "../../../components/setup/contract.ts";
import type { Answer } from "../../../components/ui/answer.ts";
import { keyAnswer } from "../../../lib/install/answers.ts";
import { runtime } from "../../../lib/runtime.ts";
import { requireWriter } from "../../../lib/server/session.ts";
import { answering, refused, shown } from "../../server/answering.ts";
import { givenSecrets } from "../../setup/secrets.ts";

/** Keeps another key in memory until what it changes is agreed to; nothing is saved. */
export async function propose(token: string, page: PageAnswer): Promise<Answer<null>> {
  try {
    await requireWriter(token);
    const given = z.object({ kalshi: keyAnswer }).safeParse(page.answers);
    const secrets = givenSecrets.safeParse(page.secrets ?? {});
    if (!given.success || !secrets.success) return refused(given.error, secrets.error);
    runtime().proposeKey(given.data.kalshi, secrets.data.kalshiPrivateKey ?? "", secrets.data.kalshiPassphrase);
    return { ok: true, value: null };
  } catch (thrown) {
    return { ok: false, problem: shown(thrown) };
  }
}

/** Puts the proposed key in the installed one's place, exactly as it was shown. */
export async function change(token: string, consentHash: string): Promise<Answer<{ runId: string }>> {
  return answering(token, () => runtime().changeKey(z.string().max(200).parse(consentHash)));
}
