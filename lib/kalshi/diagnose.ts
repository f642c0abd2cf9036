import { isProblem, type ProblemFacts, problemFacts, type Remedy } from "../problem.ts";
import type { Rung } from "../runtime.ts";
import type { Kalshi, KalshiAnswer, KalshiKey } from "./kalshi.ts";
import { approach } from "./ladder/approach.ts";
import { askForTheKey } from "./ladder/ask.ts";
import { checkoutUse, lookFurther } from "./ladder/further.ts";
import { type DiagnosisInput, Ended, type Ladder } from "./ladder/ladder.ts";
import { cryptoFunds, type ExchangeMood } from "./ladder/looks.ts";
import { isAccepted, type Outcome, outcomeWords } from "./ladder/outcomes.ts";
import { readKey } from "./ladder/read-key.ts";
import { type Learnt, type ReceiptLine, receiptOf, receiptOfUnusable } from "./ladder/receipt.ts";
import { climb } from "./ladder/rungs.ts";

/** The whole ladder, whatever hangs. */
const ladderTimeoutMs = 19_000;

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
  /** For the whole climb, in milliseconds. Tests are less patient. */
  timeoutMs?: number;
}

function outcomeOf(
  mood: ExchangeMood,
  { scopes, market }: Pick<Learnt, "scopes" | "market">,
  balance: KalshiAnswer,
): Outcome {
  if (scopes && !scopes.includes("write") && !scopes.includes("write::trade")) return "ok_read_only";
  if (mood === "paused") return "ok_exchange_paused";
  if (cryptoFunds(balance.body, market) === 0) return "ok_no_crypto_funds";
  return "ok";
}

/** What REC.IO can do with a key that was not accepted: known only where it is the kind of the key that stands in the way. */
async function receiptWithout(outcome: Outcome, kalshi: Kalshi): Promise<ReceiptLine[]> {
  return outcome === "key_not_usable_by_recio" ? receiptOfUnusable("Ed25519", await checkoutUse(kalshi)) : [];
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
  const { onRungs = () => {}, now = Date.now, timeoutMs = ladderTimeoutMs } = options;
  const patience = AbortSignal.timeout(timeoutMs);
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
    accepted = {
      outcome: outcomeOf(mood, {}, balance),
      learnt: { environment, accepted: true, host, balance: balance.body },
    };
    const further = await lookFurther(ladder, key, balance);
    const used = await checkoutUse(kalshi);
    accepted = {
      outcome: outcomeOf(mood, further, balance),
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
  if (patience.aborted) ladder.timeOver();
  const remedy = ended?.problem?.remedy ?? words.remedy;
  const diagnosis: Diagnosis = {
    outcome,
    accepted: isAccepted(outcome),
    says,
    ...(remedy ? { remedy } : {}),
    rungs: ladder.rungs(),
    receipt: accepted ? receiptOf(accepted.learnt) : await receiptWithout(outcome, kalshi),
    ...(ended?.problem ? { problem: problemFacts(ended.problem) } : {}),
  };
  return { diagnosis, ...(diagnosis.accepted && key ? { key } : {}) };
}
