import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Kalshi, KalshiKey } from "../../../kalshi/kalshi.ts";
import { endings } from "../../../kalshi/ladder/ask.ts";
import { inShort, rightsFound, scopesOf } from "../../../kalshi/ladder/looks.ts";
import { type Outcome, otherEnvironment, outcomeWords, spokenEnvironment } from "../../../kalshi/ladder/outcomes.ts";
import { patiently } from "../../../kalshi/ladder/patience.ts";
import { type KeyVerdict, keyVerdict } from "../../../kalshi/wire/refusal.ts";
import { isProblem, type ProblemFacts, problemFacts, sentence } from "../../../problem.ts";
import type { KalshiEnvironment } from "../../../settings.ts";

/** What Kalshi said of the key: "none" where there is no key to ask with. */
export type KeyFacts =
  | "none"
  | { notAsked: ProblemFacts }
  | { environment: KalshiEnvironment; verdict: KeyVerdict; cameBack: string; elsewhere?: KeyVerdict };

const asked = "GET /portfolio/balance, signed";
const askedWithin = { timeoutMs: 15_000, group: "Kalshi", label: "machine" } as const;
const giveKey = sentence("Give the Kalshi key on the page of the key.");

async function verdictOf(kalshi: Kalshi, key: KalshiKey, signal: AbortSignal) {
  const answer = await patiently(() => kalshi.getSigned(key, "/portfolio/balance", signal), signal);
  return { verdict: keyVerdict(answer), cameBack: inShort(answer) };
}

/** Asks with this key; where it is not known, and only if `elsewhere`, the other environment is asked once. */
async function collectKey(
  kalshi: Kalshi,
  keyOf: () => Promise<KalshiKey | undefined>,
  elsewhere: boolean,
  signal: AbortSignal,
): Promise<KeyFacts> {
  try {
    const key = await keyOf();
    if (!key) return "none";
    const facts = { environment: key.environment, ...(await verdictOf(kalshi, key, signal)) };
    if (facts.verdict !== "unknown-key" || !elsewhere) return facts;
    const other = { ...key, environment: otherEnvironment(key.environment) };
    return { ...facts, elsewhere: keyVerdict(await kalshi.getSigned(other, "/portfolio/balance", signal)) };
  } catch (thrown) {
    if (isProblem(thrown)) return { notAsked: problemFacts(thrown) };
    throw thrown;
  }
}

function outcomeOf(verdict: KeyVerdict, elsewhere: KeyVerdict | undefined): Outcome {
  if (verdict === "accepted") return "ok";
  if (verdict === "unknown-key")
    return elsewhere === "accepted" || elsewhere === "pair-mismatch" ? "wrong_environment" : "unknown_key";
  return endings[verdict];
}

function failed(outcome: Outcome, environment: KalshiEnvironment, cameBack: string): Finding {
  const { says, remedy = giveKey } = outcomeWords(outcome, environment);
  return { level: "fail", says, remedy, evidence: { asked, cameBack } };
}

/** Before anything is changed: only a plain yes is a yes. What could not be asked is unknown, and holds the plan. */
export function judgeKeyBefore(facts: KeyFacts): Finding {
  if (facts === "none")
    return {
      level: "fail",
      says: "No Kalshi key is held for this run, and none is installed.",
      remedy: sentence(
        "Give the Kalshi key on the page of the key, or name its file in the answers file as secrets.kalshiPrivateKeyFile.",
      ),
    };
  if ("notAsked" in facts) return notAsked(facts.notAsked);
  const { environment, verdict, cameBack, elsewhere } = facts;
  const outcome = outcomeOf(verdict, elsewhere);
  if (outcome === "ok")
    return {
      level: "ok",
      says: `Kalshi accepts the ${spokenEnvironment(environment)} key.`,
      evidence: { asked, cameBack },
    };
  return failed(outcome, environment, cameBack);
}

/** For ever after: an exchange that is down says nothing against the key, and is not this machine's fault. */
export function judgeInstalledKey(facts: KeyFacts): Finding {
  if (facts === "none") return { level: "fail", says: "No Kalshi key is installed.", remedy: giveKey };
  if ("notAsked" in facts) return notAsked(facts.notAsked);
  const { environment, verdict, cameBack } = facts;
  const evidence = { asked, cameBack };
  const outcome = outcomeOf(verdict, undefined);
  if (outcome === "ok")
    return { level: "ok", says: `Kalshi accepts the ${spokenEnvironment(environment)} key.`, evidence };
  if (outcome === "unknown_key") {
    return {
      level: "fail",
      says: `Kalshi no longer knows the ${spokenEnvironment(environment)} key.`,
      evidence,
      remedy: sentence(
        "It was deleted at Kalshi or belongs to the other environment: create a new one and give it here.",
      ),
    };
  }
  if (outcome === "exchange_down" || outcome === "rate_limited") {
    const { says, remedy = giveKey } = outcomeWords(outcome, environment);
    return { level: "warn", label: "exchange", says, remedy, evidence };
  }
  return failed(outcome, environment, cameBack);
}

function notAsked({ code, says, remedy }: ProblemFacts): Finding {
  // Unreachable is not "wrong": nothing is known of the key then.
  if (code.startsWith("kalshi.unreachable")) return { level: "unknown", says: `The key is not asked about: ${says}` };
  return { level: "fail", says, remedy: remedy ?? giveKey };
}

/** The gate's question. The key may still be in memory alone. */
export const keyAcceptedBefore = probe<"kalshi", KeyFacts>({
  ...askedWithin,
  id: "kalshi-key-accepted-before",
  title: "Kalshi accepts the key",
  everyMs: 60_000,
  collect: ({ kalshi }, signal) => collectKey(kalshi, () => kalshi.keyInHand(), true, signal),
  judge: judgeKeyBefore,
}) as AnyProbe;

/** The health page's question, about what is on disk: a revoked key is known within two minutes. */
export const installedKeyAccepted = probe<"kalshi", KeyFacts>({
  ...askedWithin,
  id: "kalshi-key-accepted",
  title: "Kalshi accepts the key",
  everyMs: 60_000,
  collect: ({ kalshi }, signal) => collectKey(kalshi, () => kalshi.installedKey(), false, signal),
  judge: judgeInstalledKey,
}) as AnyProbe;

/** The lasting warn of an installation without a key. */
export const withoutKey = probe<"kalshi", boolean>({
  ...askedWithin,
  id: "kalshi-without-key",
  title: "REC.IO has a Kalshi key",
  everyMs: 60_000,
  collect: async ({ kalshi }) => kalshi.withoutKey,
  judge: (without) =>
    without
      ? {
          level: "warn",
          says: "REC.IO has no Kalshi key, as agreed: prices and probabilities work, account and trading do not.",
          remedy: sentence("Give a key whenever there is one; everything else stays as it is."),
        }
      : { level: "ok", says: "REC.IO has a Kalshi key." },
}) as AnyProbe;

/** What the key may do. Dear, and it changes seldom: a key's rights cannot be changed, only the key. */
export const keyRights = probe<"kalshi", Finding>({
  ...askedWithin,
  id: "kalshi-key-rights",
  title: "The key may trade",
  label: "exchange",
  everyMs: 600_000,
  async collect({ kalshi }, signal) {
    try {
      const key = await kalshi.installedKey();
      if (!key)
        return { level: "fail", says: "No Kalshi key is installed, so nothing may be traded.", remedy: giveKey };
      const answer = await kalshi.getSigned(key, "/api_keys", signal);
      const scopes = scopesOf(answer, key.keyId);
      if (!scopes) {
        // A key of a sub-account is valid and not told its rights.
        return {
          level: "warn",
          says: "Kalshi does not tell this key its rights.",
          evidence: { asked: "GET /api_keys, signed", cameBack: inShort(answer) },
          remedy: sentence("Compare them with the list of keys on Kalshi's page."),
        };
      }
      const { says, level, remedy } = rightsFound(scopes, answer);
      if (!scopes.includes("write") && !scopes.includes("write::trade"))
        return { level: "fail", says, remedy: remedy ?? giveKey };
      return level === "warn" ? { level, says, remedy: remedy ?? giveKey } : { level: "ok", says };
    } catch (thrown) {
      if (isProblem(thrown)) return { level: "unknown", says: thrown.says };
      throw thrown;
    }
  },
  judge: (finding) => finding,
}) as AnyProbe;
