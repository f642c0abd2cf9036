import { isProblem, type Problem, sentence } from "../../problem.ts";
import { firstMarket, hasLivePrices, missingFields, spokenDate } from "../exchange-facts.ts";
import type { FeedAnswer, KalshiAnswer, UsedByCheckout } from "../kalshi.ts";
import { retiredMarketFields } from "../retirements.ts";
import { keyVerdict, readRefusal } from "../wire/refusal.ts";
import { clockFailsAtMs, clockWarnsAtMs, clockWords } from "./clock.ts";
import type { Found } from "./rungs.ts";

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

/** What a person may see of an answer: status and code, never the body. */
export function inShort({ status, body }: Pick<KalshiAnswer, "status" | "body">): string {
  const { code, details } = readRefusal(body);
  return [`HTTP ${status}`, code, details]
    .filter((part) => part !== undefined)
    .join(", ")
    .slice(0, 160);
}

/** A Problem as what was found on a rung. */
export function fromProblem(problem: Problem): Found {
  return {
    says: problem.says,
    level: "fail",
    ...(problem.remedy ? { remedy: problem.remedy } : {}),
    ...(problem.evidence ? { evidence: problem.evidence } : {}),
  };
}

/** Runs a look; a Problem becomes what was found. Everything else passes through. */
export async function orProblem<Gain>(
  look: () => Promise<{ found: Found; gain: Gain }>,
): Promise<{ found: Found; gain: Gain | Problem }> {
  try {
    return await look();
  } catch (thrown) {
    if (isProblem(thrown)) return { found: fromProblem(thrown), gain: thrown };
    throw thrown;
  }
}

export type ExchangeMood = "open" | "paused" | "down" | "unknown";

/** What GET /exchange/status means. A body of the right shape counts whatever its status. */
export function exchangeMood(answer: Pick<KalshiAnswer, "status" | "body">): ExchangeMood {
  const state = record(answer.body);
  if (typeof state?.exchange_active === "boolean") {
    if (!state.exchange_active) return "down";
    return state.trading_active === false ? "paused" : "open";
  }
  return answer.status >= 500 ? "down" : "unknown";
}

const maintenance = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  weekday: "short",
  hour: "numeric",
  hourCycle: "h23",
});

/** True on Thursdays from 03:00 to 05:00 in New York, when Kalshi pauses every week. */
export function inMaintenance(time: number): boolean {
  const parts = Object.fromEntries(maintenance.formatToParts(time).map(({ type, value }) => [type, value]));
  return parts.weekday === "Thu" && ["03", "04"].includes((parts.hour ?? "").padStart(2, "0"));
}

export function exchangeFound(mood: ExchangeMood, answer: KalshiAnswer, now: number): Found {
  const cameBack = inShort(answer);
  const evidence = { asked: "GET /exchange/status", cameBack };
  switch (mood) {
    case "open":
      return { says: "The exchange is open.", level: "ok", evidence };
    case "paused":
      return {
        says: inMaintenance(now)
          ? "The exchange pauses trading, as every Thursday from 03:00 to 05:00 New York time."
          : "The exchange pauses trading outside its weekly hours.",
        level: "warn",
        evidence,
        remedy: sentence("Nothing is to be done here: keys are accepted during a pause, orders are not."),
      };
    case "down":
      return {
        says: "The exchange is down.",
        level: "fail",
        evidence,
        remedy: sentence("Look again later; Kalshi's status page tells more."),
      };
    case "unknown":
      return { says: `Whether the exchange is open is not known (${cameBack}).`, level: "unknown", evidence };
  }
}

export function clockFound(ahead: number | undefined): Found {
  if (ahead === undefined)
    return { says: "Kalshi's answer told no time; the clock is not compared.", level: "unknown" };
  const says = `This machine's clock is ${clockWords(ahead)}.`;
  const remedy = sentence("Turn on the machine's network time: timedatectl set-ntp true.");
  if (Math.abs(ahead) > clockFailsAtMs) return { says, level: "fail", remedy };
  return Math.abs(ahead) > clockWarnsAtMs ? { says, level: "warn", remedy } : { says, level: "ok" };
}

/** Scopes of the key with this id in the answer of GET /api_keys, or undefined where it does not say. */
export function scopesOf(answer: Pick<KalshiAnswer, "status" | "body">, keyId: string): readonly string[] | undefined {
  const keys = record(answer.body)?.api_keys;
  if (answer.status !== 200 || !Array.isArray(keys)) return undefined;
  const own = keys.map(record).find((key) => String(key?.api_key_id).toLowerCase() === keyId);
  return Array.isArray(own?.scopes)
    ? own.scopes.filter((scope): scope is string => typeof scope === "string")
    : undefined;
}

/** Where new crypto markets trade since 24 August 2026 (facts/kalshi.md section 0); a market tells its own. */
const cryptoShard = 2;

/**
 * Money on the shard where crypto trades, in dollars, or undefined where the answer has no breakdown.
 * @param body of GET /portfolio/balance
 * @param market a crypto market, where one is known: it names its shard
 */
export function cryptoFunds(body: unknown, market?: Record<string, unknown>): number | undefined {
  const shards = record(body)?.balance_breakdown;
  if (!Array.isArray(shards)) return undefined;
  const wanted = typeof market?.exchange_index === "number" ? market.exchange_index : cryptoShard;
  const crypto = shards.map(record).find((shard) => shard?.exchange_index === wanted);
  return crypto ? Number(crypto.balance) : 0;
}

/** Whether there is money to trade with, never how much. */
export function fundsFound(body: unknown, market: Record<string, unknown> | undefined): Found {
  const funds = cryptoFunds(body, market);
  if (funds === undefined)
    return { says: "Kalshi tells this key one balance, not divided by exchange shard.", level: "ok" };
  if (funds > 0) return { says: "Money lies where Bitcoin markets trade.", level: "ok" };
  return {
    says: "No money lies on the exchange shard where Bitcoin markets trade.",
    level: "warn",
    evidence: {
      asked: "GET /portfolio/balance, its balance_breakdown",
      cameBack: "nothing on the shard of Bitcoin markets",
    },
    remedy: sentence("Transfer money to exchange shard 2 on Kalshi's page before trading."),
  };
}

export function rightsFound(scopes: readonly string[] | undefined, answer: KalshiAnswer): Found {
  if (!scopes) {
    return { says: "Kalshi does not tell this key its rights.", level: "unknown", detail: inShort(answer) };
  }
  const trades = scopes.includes("write") || scopes.includes("write::trade");
  if (!trades) {
    return {
      says: "The key may read and not trade.",
      level: "warn",
      remedy: sentence("For trading, create a key with the right to trade."),
    };
  }
  if (scopes.includes("write") || scopes.includes("write::transfer")) {
    return {
      says: "The key may read and trade, and can also move money.",
      level: "warn",
      remedy: sentence("A key with read and write::trade alone is enough for REC.IO."),
    };
  }
  return { says: "The key may read and trade, and cannot move money.", level: "ok" };
}

export function marketsFound(answer: KalshiAnswer, used: UsedByCheckout | undefined): Found {
  const market = firstMarket(answer.body);
  const evidence = { asked: "GET /markets?series_ticker=KXBTCD", cameBack: inShort(answer) };
  if (!market) {
    return {
      says: answer.status === 200 ? "No Bitcoin market is open now." : `Markets are not given (${inShort(answer)}).`,
      level: answer.status === 200 ? "warn" : "unknown",
      evidence,
      remedy: sentence("Look again within the hour: a market opens every hour while the exchange is open."),
    };
  }
  if (!hasLivePrices(market)) {
    return {
      says: "The Bitcoin market has no price and no volume.",
      level: "warn",
      evidence,
      remedy: sentence("Look again in a few minutes."),
    };
  }
  const missing = used ? missingFields(used, market) : [];
  if (missing.length > 0) {
    const since = spokenDate(retiredMarketFields.since);
    return {
      says: `Bitcoin markets have prices, and not in the fields that this checkout reads (${missing.slice(0, 3).join(", ")}): whole cents are gone since ${since}.`,
      level: "warn",
      evidence: { ...evidence, ...(used?.marketFieldsAt ? { means: `${used.marketFieldsAt} stores zeros.` } : {}) },
      remedy: sentence("This is the exchange's doing: the checkout must learn the new fields before it can trade."),
    };
  }
  return { says: "Bitcoin markets have prices.", level: "ok", evidence };
}

/** A ticker that is older was not sent now (facts/kalshi.md section 5); the clock itself may be off by less. */
const staleTickerMs = 30_000;

function ageWords(ageMs: number): string {
  const seconds = Math.round(Math.abs(ageMs) / 1000);
  return `${seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} ${ageMs > 0 ? "old" : "ahead of this machine's time"}`;
}

export function feedFound(answer: FeedAnswer): Found {
  const took = `${Math.round(answer.tookMs)} ms`;
  switch (answer.reached) {
    case "snapshot":
      if (Math.abs(answer.tickerAgeMs ?? 0) > staleTickerMs)
        return {
          says: `The live feed gives an order book, and prices that are ${ageWords(answer.tickerAgeMs ?? 0)}.`,
          level: "warn",
          remedy: sentence("Look again in a few minutes."),
        };
      return { says: `The live feed gave an order book after ${took}.`, level: "ok" };
    case "refused": {
      const verdict = keyVerdict({ status: answer.status ?? 0, body: answer.body });
      const what = inShort({ status: answer.status ?? 0, body: answer.body });
      return {
        says: `The live feed refuses the connection (${what}).`,
        level: "warn",
        remedy: sentence(
          verdict === "exchange-down" || verdict === "unexpected"
            ? "Look again in a few minutes."
            : "Check the key's rights on Kalshi's page.",
        ),
      };
    }
    case "subscribed":
      return {
        says: "The live feed accepts the subscription and gives no order book.",
        level: "warn",
        remedy: sentence("Look again in a few minutes."),
      };
    case "connected":
      return {
        says: "The live feed opens and does not answer the subscription.",
        level: "warn",
        remedy: sentence("Look again in a few minutes."),
      };
    case "nothing":
      return { says: "The live feed does not open.", level: "warn", remedy: sentence("Look again in a few minutes.") };
  }
}
