"use server";
import { refresh } from "next/cache";
import { z } from "zod";
import type { PageAnswer } from "../../components/setup/contract.ts";
import type { Answer } from "../../components/ui/answer.ts";
import {
  answers,
  checkoutAnswer,
  databaseAnswer,
  draftAnswers,
  sourceAnswer,
  withKnownKeyId,
} from "../../lib/install/answers.ts";
import { type InquiryInput, runtime } from "../../lib/runtime.ts";
import { requireWriter } from "../../lib/server/session.ts";
import { answering, refused, shown } from "../server/answering.ts";
import { givenSecrets } from "./secrets.ts";

const inquiryInput = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("kalshi-key"),
    environment: z.enum(["demo", "prod"]),
    keyId: z.string().max(1000),
    privateKey: z.string().max(65_536),
    passphrase: z.string().max(1000).optional(),
  }),
  z.object({ kind: z.literal("database"), database: databaseAnswer, adminPassword: z.string().max(1000).optional() }),
  z.object({ kind: z.literal("checkout"), checkout: checkoutAnswer }),
  z.object({ kind: z.literal("source"), source: sourceAnswer, password: z.string().max(1000).optional() }),
  z.object({ kind: z.literal("source-log"), source: sourceAnswer, password: z.string().max(1000) }),
  z.object({ kind: z.literal("copied-data") }),
]);

/** Saves one page: its answers into the draft on disk, its secrets into memory. All of it or nothing. */
export async function save(token: string, page: PageAnswer): Promise<Answer<null>> {
  try {
    await requireWriter(token);
    const given = draftAnswers.safeParse(withKnownKeyId(page.answers, await runtime().draft()));
    const secrets = givenSecrets.safeParse(page.secrets ?? {});
    if (!given.success || !secrets.success) return refused(given.error, secrets.error);
    // The schema fills in what a page did not ask about; only what this page asked about is its to change.
    const asked = Object.entries(given.data).filter(([part]) => part in page.answers);
    await runtime().saveDraft(Object.fromEntries(asked));
    runtime().holdSecrets(secrets.data);
    // The browser's back button would else show the page as it was drawn before anything was saved.
    if (page.leaving) refresh();
    return { ok: true, value: null };
  } catch (thrown) {
    return { ok: false, problem: shown(thrown) };
  }
}

/** Begins a read-only inquiry; its answers come over a stream. */
export async function inquire(token: string, input: InquiryInput): Promise<Answer<{ id: string }>> {
  const given = inquiryInput.safeParse(input);
  if (!given.success) return refused(given.error);
  return answering(token, async () => ({ id: runtime().inquire(given.data) }));
}

export async function cancelInquiry(token: string, id: string): Promise<Answer<null>> {
  return answering(token, async () => {
    runtime().cancelInquiry(z.string().parse(id));
    return null;
  });
}

/** Starts the installation that was consented to, or gives the one in hand. */
export async function start(token: string, consentHash: string): Promise<Answer<{ runId: string }>> {
  return answering(token, async () => {
    const complete = answers.parse(await runtime().draft());
    return runtime().start(complete, z.string().parse(consentHash));
  });
}
