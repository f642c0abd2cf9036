import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { isProblem, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { liveData } from "../../live-data/live-data.ts";
import type { Markets, Read } from "../../live-data/sections.ts";
import { unreadable } from "../../live-data/unreadable.ts";
import { upForSeconds } from "../../live-data/uptime.ts";
import type { AskedQuestion } from "../../report.ts";
import { warmingUp } from "./warming-up.ts";

export interface MarketFacts {
  markets: Read<Markets>;
  upForSeconds?: number;
  /** What Kalshi itself said about the event, where it had to be asked: status and how many markets. */
  exchange?: { event: string; status: number; markets: number } | { event: string; unreachable: string };
}

const table = "live_data.market_kalshi_btc";
const freshSeconds = 10;

/** The first seconds of an hour, in which the new event is not yet stored and the old one still is. */
const turnOfHourSeconds = 20;

/** True where the rows of the event in hand are of now. Pure. */
export function marketsFresh({ ageSeconds, secondsIntoHour, previousAgeSeconds }: Markets): boolean {
  if (ageSeconds !== null && ageSeconds <= freshSeconds) return true;
  return (
    secondsIntoHour < turnOfHourSeconds &&
    previousAgeSeconds !== null &&
    previousAgeSeconds <= turnOfHourSeconds + freshSeconds
  );
}

/** The machine's question: does the watchdog fetch the event of this hour and store its markets, whatever they say? */
export function judgeMarketsStored({ markets, upForSeconds: up, exchange }: MarketFacts): Finding {
  if ("unreadable" in markets) return unreadable(markets);
  const { event, rows, ageSeconds: age } = markets.facts;
  const evidence = {
    asked: `rows of ${event} in ${table}`,
    cameBack: `${rows} rows${age === null ? "" : `, the newest ${age.toFixed(1)} s old`}`,
  };
  if (marketsFresh(markets.facts))
    return { level: "ok", says: `${rows} markets of ${event}, ${Math.max(0, Math.round(age ?? 0))} s old.`, evidence };
  const warming = warmingUp({ what: "Kalshi’s markets are", up, needed: 20 });
  if (warming) return warming;
  const found =
    rows === 0 ? `No market of ${event} has been stored` : `The markets of ${event} are ${Math.round(age ?? 0)} s old`;
  if (exchange && "unreachable" in exchange)
    return {
      level: "fail",
      says: `${found}, and Kalshi cannot be reached from here: ${exchange.unreachable}`,
      objects: [table],
      evidence,
      remedy: sentence("Check this machine's way to api.elections.kalshi.com."),
    };
  if (exchange?.status === 404 || (exchange?.status === 200 && exchange.markets === 0))
    return {
      level: "warn",
      label: "exchange",
      says: `Kalshi lists no markets of ${exchange.event} now.`,
      evidence,
      remedy: sentence("Wait for the exchange: it pauses on Thursdays from 3 to 5 in New York."),
    };
  if (exchange && exchange.status >= 500)
    return {
      level: "warn",
      label: "exchange",
      says: `${found}: Kalshi answers ${exchange.status}.`,
      evidence,
      remedy: sentence("Wait for the exchange."),
    };
  const theirs = exchange?.status === 200 ? `, and Kalshi lists ${exchange.markets}` : "";
  return {
    level: "fail",
    says: `${found}${theirs}.`,
    objects: [table],
    evidence,
    remedy: sentence("Look at the log of kalshi_market_watchdog."),
  };
}

/** The exchange's question: do the stored markets carry prices? Zeros everywhere mean that it speaks another dialect. */
export function judgeMarketsPriced({ markets }: MarketFacts): Finding {
  if ("unreadable" in markets) return unreadable(markets);
  const { event, rows, priced, zeros, withStrike } = markets.facts;
  const evidence = {
    asked: `rows of ${event} with an ask between 1 and 99 cents and a volume`,
    cameBack: `${priced} of ${rows}; ${zeros} of zeros; ${withStrike} with a strike`,
  };
  if (rows === 0) return { level: "unknown", says: `No market of ${event} is there to be looked at.` };
  const wait = sentence("Use a REC.IO that reads the exchange's fields of today.");
  if (withStrike === 0)
    return {
      level: "fail",
      says: `None of the ${rows} markets has a strike: the exchange no longer sends the text that this checkout takes it from.`,
      objects: [`${table}.strike`],
      evidence,
      remedy: wait,
    };
  if (zeros === rows)
    return {
      level: "fail",
      says: `All ${rows} markets are stored with zeros for prices and volume: the exchange no longer sends the fields that this checkout reads.`,
      objects: [`${table}.yes_ask`, `${table}.no_ask`, `${table}.volume`],
      evidence,
      remedy: wait,
    };
  if (priced === 0)
    return {
      level: "warn",
      says: `None of the ${rows} markets has both a price and a volume now.`,
      evidence,
      remedy: sentence("Wait: just before an event ends this is so."),
    };
  return { level: "ok", says: `${priced} of ${rows} markets carry a price and a volume.`, evidence };
}

/** Facts of the markets; asks Kalshi itself (an unsigned GET) only where the rows are not fresh. */
export async function collectMarkets(
  world: Pick<World, "postgres" | "supervisor" | "kalshi">,
  signal: AbortSignal,
): Promise<MarketFacts> {
  const [data, up] = await Promise.all([liveData(world), upForSeconds(world, "kalshi_market_watchdog")]);
  const facts: MarketFacts = { markets: data.markets, ...(up === undefined ? {} : { upForSeconds: up }) };
  if ("unreadable" in facts.markets || marketsFresh(facts.markets.facts)) return facts;
  const { event } = facts.markets.facts;
  try {
    // The watchdog asks the production host whichever mode the account is in (backend/kalshi_market_watchdog.py).
    const answer = await world.kalshi.get("prod", `/events/${event}`, signal);
    const listed = (answer.body as { markets?: unknown } | null)?.markets;
    return { ...facts, exchange: { event, status: answer.status, markets: Array.isArray(listed) ? listed.length : 0 } };
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return { ...facts, exchange: { event, unreachable: thrown.says } };
  }
}

export function marketProbes(): AskedQuestion[] {
  const stored = probe<"postgres" | "supervisor" | "kalshi", MarketFacts>({
    id: "markets-stored",
    title: "Kalshi's markets arrive",
    group: "Kalshi",
    label: "machine",
    everyMs: 5000,
    collect: collectMarkets,
    judge: judgeMarketsStored,
  });
  const priced = probe<"postgres", MarketFacts>({
    id: "markets-priced",
    title: "Kalshi's markets carry prices",
    group: "Kalshi",
    label: "exchange",
    everyMs: 5000,
    collect: async (world) => ({ markets: (await liveData(world)).markets }),
    judge: judgeMarketsPriced,
  });
  return [
    { question: stored as AnyProbe, need: "installed" },
    { question: priced as AnyProbe, need: "tradable" },
  ];
}
