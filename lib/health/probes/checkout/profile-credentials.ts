import { createHash } from "node:crypto";
import { join } from "node:path";
import { credentialFiles } from "../../../checkout/credentials.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { isProblem, repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { isPrivate } from "./profile.ts";

export interface CredentialFacts {
  /** File names that are missing. */
  missing: readonly string[];
  /** Names of files and folders that others may read. */
  open: readonly string[];
  /** Code of the problem where the pair cannot be used. */
  trouble?: string;
  /** True where the key id is the one of the answers. */
  ofTheseAnswers: boolean;
}

const repair = repairedBy("write-credentials", "Give the private key again and have the files written.");

export function judgeCredentials({ missing, open, trouble, ofTheseAnswers }: CredentialFacts): Finding {
  if (missing.length > 0)
    return {
      level: "fail",
      says: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing from REC.IO's Kalshi credentials.`,
      remedy: repair,
    };
  if (open.length > 0)
    return {
      level: "fail",
      says: `Other users of this machine may read ${open.join(", ")} of the Kalshi credentials.`,
      remedy: repair,
    };
  if (trouble !== undefined)
    return {
      level: "fail",
      says: "The Kalshi key in REC.IO's credentials cannot be used.",
      remedy: repair,
      evidence: { asked: ".env and kalshi.pem", cameBack: trouble },
    };
  if (!ofTheseAnswers)
    return {
      level: "fail",
      says: "REC.IO's credentials hold another Kalshi key than the one of this installation.",
      remedy: repair,
    };
  return { level: "ok", says: "The Kalshi key is in REC.IO's credentials, readable for their owner only." };
}

type Needs = Pick<World, "machine" | "checkout" | "kalshi">;

async function lookAtCredentials(
  { machine, checkout, kalshi }: Needs,
  answer: Extract<Answers["kalshi"], { kind: "key" }>,
): Promise<CredentialFacts> {
  const folder = checkout.credentials(answer.environment);
  const folderFacts = await machine.files.facts(folder);
  const files = await Promise.all(
    credentialFiles.map(async (name) => ({ name, facts: await machine.files.facts(join(folder, name)) })),
  );
  const missing = files.filter(({ facts }) => facts?.kind !== "file").map(({ name }) => name);
  const open: string[] = files
    .filter(({ facts }) => facts !== undefined && (facts.mode & 0o077) !== 0)
    .map(({ name }) => name);
  if (folderFacts && !isPrivate(folderFacts)) open.push("the folder");
  if (missing.length > 0) return { missing, open, ofTheseAnswers: false };
  try {
    const key = await kalshi.installedKey();
    return { missing, open, ofTheseAnswers: key?.keyId.toLowerCase() === answer.keyId.toLowerCase() };
  } catch (thrown) {
    if (isProblem(thrown)) return { missing, open, trouble: thrown.code, ofTheseAnswers: false };
    throw thrown;
  }
}

/** The files of the Kalshi key, or the lasting reminder that REC.IO goes on without one. */
export function credentialsProbe(answers: Pick<Answers, "kalshi">): AnyProbe {
  const { kalshi } = answers;
  const base = {
    id: "kalshi-credentials",
    title: "REC.IO has the Kalshi key",
    group: "Kalshi",
    label: "machine",
    everyMs: 15_000,
  } as const;
  if (kalshi.kind === "none") {
    return probe({
      ...base,
      collect: async () => undefined,
      judge: (): Finding => ({
        level: "warn",
        says: "There is no Kalshi key, as agreed: REC.IO cannot read the account or trade.",
        remedy: sentence("Give a Kalshi key in the set-up."),
      }),
    });
  }
  return probe({ ...base, collect: (world: Needs) => lookAtCredentials(world, kalshi), judge: judgeCredentials });
}

/** A fingerprint of a file of ours, so that an undo takes back only what is unchanged. */
export function fingerprint(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
