import type { DraftAnswers } from "../../lib/install/answers.ts";
import type { InquiryInput } from "../../lib/runtime.ts";
import type { Answer } from "../ui/answer.ts";

/** Secrets as the person typed them. They travel in the body of an action and are never drawn again. */
export interface GivenSecrets {
  kalshiPrivateKey?: string;
  /** Opens an encrypted key; it is not kept. */
  kalshiPassphrase?: string;
  loginPassword?: string;
  loginPasswordAgain?: string;
  databaseAdminPassword?: string;
  sourcePassword?: string;
}

/** Which secrets the server holds in memory for the next run. */
export interface HeldSecrets {
  kalshiPrivateKey?: true;
  loginPassword?: true;
  databaseAdminPassword?: true;
  sourcePassword?: true;
}

/** What a page of the wizard hands in: its own part of the answers as typed, and the secrets given on it. */
export interface PageAnswer {
  answers: { [Page in keyof DraftAnswers]?: unknown };
  secrets?: GivenSecrets;
  /** The person leaves the page with it: what their browser keeps of the pages they passed is no longer true. */
  leaving?: true;
}

/** The wizard's writes; app/setup/actions.ts carries them out. The first argument is the write token. */
export interface SetupActions {
  save(token: string, page: PageAnswer): Promise<Answer<null>>;
  inquire(token: string, input: InquiryInput): Promise<Answer<{ id: string }>>;
  cancelInquiry(token: string, id: string): Promise<Answer<null>>;
}

/** Goes on with an installation that stopped half-way. */
export type GoOnWithInstallation = (token: string, runId: string) => Promise<Answer<{ runId: string }>>;

export type StartInstallation = (token: string, consentHash: string) => Promise<Answer<{ runId: string }>>;
