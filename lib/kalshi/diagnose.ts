import { isProblem, type Problem, type ProblemFacts, problemFacts, type Remedy, sentence } from "../problem.ts";
import type { Rung } from "../runtime.ts";
import type { KalshiEnvironment } from "../settings.ts";
import { firstMarket } from "./exchange-facts.ts";
import type { Kalshi, KalshiAnswer, KalshiKey, UsedByCheckout } from "./kalshi.ts";
import { normaliseKeyId, type ParsedKey, parsePrivateKey } from "./key.ts";
import { aheadMs, clockFailsAtMs, clockWords } from "./ladder/clock.ts";
import {
  clockFound,
  cryptoFunds,
  type ExchangeMood,
  exchangeFound,
  exchangeMood,
  feedFound,
  inShort,
  marketsFound,
  orProblem,
  rightsFound,
  scopesOf,
} from "./ladder/looks.ts";
import { isAccepted, type Outcome, otherEnvironment, outcomeWords } from "./ladder/outcomes.ts";
import { patiently } from "./ladder/patience.ts";
import { type Learnt, type ReceiptLine, receiptOf } from "./ladder/receipt.ts";
import { type Climb, climb, type Found, rungTitles } from "./ladder/rungs.ts";
import { signsAndVerifies } from "./sign.ts";
import { type KeyVerdict, keyVerdict } from "./wire/refusal.ts";

/** The whole ladder, whatever hangs. */
const ladderTimeoutMs = 19_000;

export interface DiagnosisInput {
  environment: KalshiEnvironment;
  /** As it was pasted. */
  keyId: string;
  /** As it was pasted or read from a file. */
  privateKey: string;
  passphrase?: string;
}

/** The result as pages and terminals show it. Holds no secret and no part of one. */
export interface Diagnosis {
  outcome: Outcome;
  accepted: boolean;
  says: string;
  remedy?: Remedy;
  rungs: Rung[];
  /** What REC.IO can do with this key; empty where nothing is known of it. */
  receipt: ReceiptLine[];
  /** The failure that ended the climb, where there was one. */
  problem?: ProblemFacts;
}

export interface DiagnosisOptions {
  /** Told of all rungs at each change. */
  onRungs?: (rungs: Rung[]) => void;
  signal?: AbortSignal;
  now?: () => number;
}

/** How a climb ends: thrown inside this file alone, caught at its foot. */
class Ended {
  readonly outcome: Outcome;
  readonly says?: string;
  readonly problem?: Problem;
  constructor(outcome: Outcome, more: { says?: string; problem?: Problem } = {}) {
    this.outcome = outcome;
    if (more.says !== undefined) this.says = more.says;
    if (more.problem) this.problem = more.problem;
  }
}

interface Ladder extends Climb {
  kalshi: Kalshi;
  environment: KalshiEnvironment;
  signal: AbortSignal;
  now: () => number;
}

/** A look at the key's own text: nothing leaves this machine. */
async function readKey(ladder: Ladder, input: DiagnosisInput): Promise<KalshiKey> {
  const parsed = await ladder.climb("key", rungTitles.key, () =>
    orProblem<ParsedKey>(async () => {
      const gain = parsePrivateKey(input.privateKey, input.passphrase);
      const found: Found = { says: `The private key is RSA with ${gain.bits} bits.`, level: "ok" };
      return { found: gain.healed.length > 0 ? { ...found, detail: gain.healed.join(" ") } : found, gain };
    }),
  );
  if (isProblem(parsed)) {
    const outcome = parsed.code === "kalshi.key-ed25519" ? "key_not_usable_by_recio" : "bad_key";
    throw new Ended(outcome, { says: parsed.says, problem: parsed });
  }
  const keyId = await ladder.climb("key-id", rungTitles["key-id"], () =>
    orProblem<string>(async () => {
      const gain = normaliseKeyId(input.keyId);
      const found: Found = { says: "The key id looks like one of Kalshi's.", level: "ok" };
      return {
        found:
          gain === input.keyId ? found : { ...found, detail: "Blanks, signs or capitals around it are taken away." },
        gain,
      };
    }),
  );
  if (isProblem(keyId)) throw new Ended("bad_key", { says: keyId.says, problem: keyId });
  await ladder.climb("self-test", rungTitles["self-test"], async () => {
    if (!signsAndVerifies(parsed.privateKey)) {
      const says = "The key signs, and its own public half does not agree.";
      const remedy = sentence("Give the file that Kalshi offered for download when the key was created.");
      throw new Ended("bad_key", { says: `${says} ${remedy.says}` });
    }
    return { found: { says: "The key signs, and its own public half agrees.", level: "ok" }, gain: true };
  });
  return { environment: input.environment, keyId, privateKey: parsed.privateKey };
}

/** Host, clock and state of the exchange, from one unsigned call. */
async function approach(ladder: Ladder): Promise<ExchangeMood> {
  const { kalshi, environment, signal, now } = ladder;
  let receivedAt = 0;
  const status = await ladder.climb("host", rungTitles.host, () =>
    orProblem<KalshiAnswer>(async () => {
      const ask = async () => {
        const answer = await kalshi.get(environment, "/exchange/status", signal);
        receivedAt = now();
        return answer;
      };
      const gain = await patiently(ask, signal);
      const host = new URL(kalshi.base(environment)).host;
      const found: Found = {
        says: `${host} answers in ${Math.round(gain.tookMs)} ms.`,
        level: "ok",
        evidence: { asked: "GET /exchange/status", cameBack: inShort(gain) },
      };
      return { found, gain };
    }),
  );
  if (isProblem(status)) throw new Ended("network", { says: status.says, problem: status });

  const ahead = aheadMs(status, receivedAt);
  await ladder.climb("clock", rungTitles.clock, async () => ({ found: clockFound(ahead), gain: true }));
  if (ahead !== undefined && Math.abs(ahead) > clockFailsAtMs) {
    throw new Ended("clock", {
      says: `This machine's clock is ${clockWords(ahead)}; Kalshi would refuse every signed request.`,
    });
  }
  const mood = exchangeMood(status);
  await ladder.climb("exchange", rungTitles.exchange, async () => ({
    found: exchangeFound(mood, status, now()),
    gain: true,
  }));
  if (mood === "down") throw new Ended("exchange_down");
  if (mood === "unknown") {
    if (status.status === 429) throw new Ended("rate_limited");
    throw new Ended("unexpected", {
      says: `${new URL(kalshi.base(environment)).host} does not answer as Kalshi does (${inShort(status)}).`,
    });
  }
  return mood;
}

const endings: Readonly<Record<Exclude<KeyVerdict, "accepted" | "unknown-key">, Outcome>> = {
  "malformed-id": "unknown_key",
  "pair-mismatch": "pair_mismatch",
  clock: "clock",
  "not-signed": "unexpected",
  restricted: "restricted",
  "rate-limited": "rate_limited",
  moved: "unexpected",
  "exchange-down": "exchange_down",
  unexpected: "unexpected",
};

/** The one right question: may this key read the balance? */
async function askForTheKey(ladder: Ladder, key: KalshiKey): Promise<KalshiAnswer> {
  const { kalshi, environment, signal } = ladder;
  const answer = await ladder.climb("accepted", rungTitles.accepted, () =>
    orProblem<KalshiAnswer>(async () => {
      const gain = await patiently(() => kalshi.getSigned(key, "/portfolio/balance", signal), signal);
      const evidence = { asked: "GET /portfolio/balance, signed", cameBack: inShort(gain) };
      const verdict = keyVerdict(gain);
      if (verdict === "accepted") return { found: { says: "Kalshi accepts the key.", level: "ok", evidence }, gain };
      if (verdict === "unknown-key") {
        return {
          found: { says: `Kalshi does not know this key id in ${environment}.`, level: "fail", evidence },
          gain,
        };
      }
      const { says, remedy } = outcomeWords(endings[verdict], environment);
      return { found: { says, level: "fail", evidence, ...(remedy ? { remedy } : {}) }, gain };
    }),
  );
  if (isProblem(answer)) throw new Ended("network", { says: answer.says, problem: answer });
  const verdict = keyVerdict(answer);
  if (verdict === "accepted") return answer;
  if (verdict === "unknown-key") return askElsewhere(ladder, key);
  if (verdict === "unexpected")
    throw new Ended("unexpected", {
      says: `Kalshi answers ${inShort(answer)}; what that means for the key is not known.`,
    });
  throw new Ended(endings[verdict]);
}

/** Not found here: the other environment is asked once, for a demo key in prod is the commonest mistake. */
async function askElsewhere(ladder: Ladder, key: KalshiKey): Promise<never> {
  const other = otherEnvironment(ladder.environment);
  const answer = await ladder.climb("other-environment", `The key is known in ${other}`, () =>
    orProblem<KalshiAnswer>(async () => {
      const gain = await ladder.kalshi.getSigned({ ...key, environment: other }, "/portfolio/balance", ladder.signal);
      const verdict = keyVerdict(gain);
      const evidence = { asked: `GET /portfolio/balance, signed, in ${other}`, cameBack: inShort(gain) };
      if (verdict === "accepted")
        return { found: { says: `The key is known in ${other}.`, level: "warn", evidence }, gain };
      if (verdict === "pair-mismatch") {
        return {
          found: { says: `The id is known in ${other}, with another private key.`, level: "warn", evidence },
          gain,
        };
      }
      return {
        found: {
          says:
            verdict === "unknown-key"
              ? `The key is not known in ${other} either.`
              : `${other} does not tell (${inShort(gain)}).`,
          level: verdict === "unknown-key" ? "fail" : "unknown",
          evidence,
        },
        gain,
      };
    }),
  );
  if (isProblem(answer))
    throw new Ended("unknown_key", {
      says: `Kalshi does not know this key id in ${ladder.environment}; ${other} is not reachable.`,
    });
  const verdict = keyVerdict(answer);
  if (verdict === "accepted") throw new Ended("wrong_environment");
  if (verdict === "pair-mismatch") {
    throw new Ended("wrong_environment", {
      says: `This key id is of ${other}, and its private key is another one; ${ladder.environment} was chosen.`,
    });
  }
  throw new Ended("unknown_key");
}

/** Best effort: what is not told here ends nothing. */
async function lookFurther(ladder: Ladder, key: KalshiKey): Promise<Pick<Learnt, "scopes" | "market">> {
  const { kalshi, environment, signal } = ladder;
  const scopes = await ladder.climb("rights", rungTitles.rights, () =>
    orProblem<readonly string[] | undefined>(async () => {
      const [answer, limits] = await Promise.all([
        kalshi.getSigned(key, "/api_keys", signal),
        kalshi.getSigned(key, "/account/limits", signal),
      ]);
      const gain = scopesOf(answer, key.keyId);
      const tier = (limits.body as { usage_tier?: unknown } | null)?.usage_tier;
      const found = rightsFound(gain, answer);
      return {
        found: typeof tier === "string" ? { ...found, detail: `Rate tier: ${tier.slice(0, 40)}.` } : found,
        gain,
      };
    }),
  );
  const used = await checkoutUse(kalshi);
  const market = await ladder.climb("markets", rungTitles.markets, () =>
    orProblem<Record<string, unknown> | undefined>(async () => {
      const answer = await patiently(
        () => kalshi.get(environment, "/markets?series_ticker=KXBTCD&status=open&limit=1", signal),
        signal,
      );
      return { found: marketsFound(answer, used), gain: firstMarket(answer.body) };
    }),
  );
  const known = isProblem(market) ? undefined : market;
  const ticker = known?.ticker;
  await ladder.climb("websocket", rungTitles.websocket, async () => {
    if (typeof ticker !== "string")
      return { found: { says: "Without an open market the live feed is not tried.", level: "unknown" }, gain: false };
    const looked = await orProblem(async () => {
      const answer = await kalshi.feed(key, ticker, signal);
      return { found: feedFound(answer), gain: answer.reached };
    });
    // A dead feed is a lasting warning, not a wrong key.
    return isProblem(looked.gain)
      ? { found: { ...looked.found, level: "warn" as const }, gain: false }
      : { found: looked.found, gain: true };
  });
  return { ...(isProblem(scopes) || !scopes ? {} : { scopes }), ...(known ? { market: known } : {}) };
}

/** What the checkout asks of the exchange, or undefined where there is no checkout yet. */
async function checkoutUse(kalshi: Kalshi): Promise<UsedByCheckout | undefined> {
  try {
    return await kalshi.usedByCheckout();
  } catch (thrown) {
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}

function outcomeOf(mood: ExchangeMood, scopes: readonly string[] | undefined, balance: KalshiAnswer): Outcome {
  if (scopes && !scopes.includes("write") && !scopes.includes("write::trade")) return "ok_read_only";
  if (mood === "paused") return "ok_exchange_paused";
  if (cryptoFunds(balance.body) === 0) return "ok_no_crypto_funds";
  return "ok";
}

/**
 * Climbs the ladder from the key's text to the live feed, and says exactly what is wrong where it ends. Sends GET and
 * opens one websocket; saves nothing. The whole takes less than 20 s.
 * @returns the diagnosis, and the key itself where Kalshi accepted it.
 * @throws only what the caller's own signal throws, and bugs.
 */
export async function diagnose(
  kalshi: Kalshi,
  input: DiagnosisInput,
  options: DiagnosisOptions = {},
): Promise<{ diagnosis: Diagnosis; key?: KalshiKey }> {
  const { onRungs = () => {}, now = Date.now } = options;
  const patience = AbortSignal.timeout(ladderTimeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
  const { environment } = input;
  const ladder: Ladder = { ...climb(onRungs), kalshi, environment, signal, now };
  let key: KalshiKey | undefined;
  let accepted: { outcome: Outcome; learnt: Learnt } | undefined;
  let ended: Ended | undefined;
  try {
    key = await readKey(ladder, input);
    const mood = await approach(ladder);
    const balance = await askForTheKey(ladder, key);
    const host = new URL(kalshi.base(environment)).host;
    accepted = { outcome: outcomeOf(mood, undefined, balance), learnt: { environment, accepted: true, host } };
    const further = await lookFurther(ladder, key);
    const used = await checkoutUse(kalshi);
    accepted = {
      outcome: outcomeOf(mood, further.scopes, balance),
      learnt: { ...accepted.learnt, ...further, ...(used ? { used } : {}) },
    };
  } catch (thrown) {
    options.signal?.throwIfAborted();
    if (thrown instanceof Ended) ended = thrown;
    else if (isProblem(thrown)) ended = new Ended("unexpected", { says: thrown.says, problem: thrown });
    // Out of time after Kalshi accepted the key: what was learnt until then stands.
    else if (patience.aborted)
      ended = accepted ? undefined : new Ended("network", { says: "Kalshi's answers do not come within 20 seconds." });
    else throw thrown;
  }
  const outcome = ended?.outcome ?? accepted?.outcome ?? "unexpected";
  const words = outcomeWords(outcome, environment);
  const says = ended?.says ?? words.says;
  ladder.leave(ended ? "Not asked: an earlier rung did not hold." : "Not asked: the time was over.");
  const remedy = ended?.problem?.remedy ?? words.remedy;
  const diagnosis: Diagnosis = {
    outcome,
    accepted: isAccepted(outcome),
    says,
    ...(remedy ? { remedy } : {}),
    rungs: ladder.rungs(),
    receipt: accepted ? receiptOf(accepted.learnt) : [],
    ...(ended?.problem ? { problem: problemFacts(ended.problem) } : {}),
  };
  return { diagnosis, ...(diagnosis.accepted && key ? { key } : {}) };
}
