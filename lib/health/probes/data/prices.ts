import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { liveData } from "../../live-data/live-data.ts";
import type { Prices, Read } from "../../live-data/sections.ts";
import { unreadable } from "../../live-data/unreadable.ts";
import { upForSeconds } from "../../live-data/uptime.ts";
import type { AskedQuestion } from "../../report.ts";
import { stillFilling, warmingUp } from "./warming-up.ts";

/** What REC.IO stores prices of. */
export type Coin = "btc" | "eth";

/** A price, and for how long the program that stores it has been up (undefined where it is not known). */
export interface PriceFacts {
  symbol: Coin;
  prices: Read<Prices>;
  upForSeconds?: number;
}

/** Prices outside of these are no prices, whatever the market does. Dollars. */
const plausible = { btc: [1_000, 10_000_000], eth: [10, 1_000_000] } as const;

/** Seconds until a program that has just started has stored enough: a row, a full minute, a momentum, Kraken's changes. */
const patience = { row: 20, minute: 75, momentum: 90, changes: 30 } as const;

const freshSeconds = 10;

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 2 });

/** Is there a price, is it a price, and is it of now by New York's clock (in which this checkout dates its rows)? */
export function judgeFresh({ symbol, prices, upForSeconds: up }: PriceFacts): Finding {
  const name = symbol.toUpperCase();
  const table = `live_data.live_price_log_1s_${symbol}`;
  const program = `symbol_price_watchdog_${symbol}`;
  if ("unreadable" in prices) return unreadable(prices);
  const { price, ageSeconds: age, secondsInLastMinute } = prices.facts;
  const evidence = {
    asked: `the newest row of ${table}`,
    cameBack:
      age === null
        ? "no row"
        : `${price === null ? "no price" : dollars.format(price)}, ${age.toFixed(1)} s old, ${secondsInLastMinute} of the last 60 s`,
  };
  const look = sentence(`Look at the log of ${program}: it says whether Coinbase's feed answers.`);
  if (age === null)
    return (
      warmingUp({ what: `${name} prices are`, up, needed: patience.row }) ?? {
        level: "fail",
        says: `No ${name} price has been stored.`,
        objects: [table],
        evidence,
        remedy: look,
      }
    );
  if (age < -5)
    return {
      level: "warn",
      label: "checkout",
      says: `The newest ${name} price is dated ${Math.round(-age / 60)} min ahead: this checkout dates prices by New York's clock and sorts by it, also in the hour that is repeated in November.`,
      evidence,
      remedy: sentence("Wait until New York's clock has passed that time."),
    };
  if (age > freshSeconds)
    return (
      warmingUp({ what: `${name} prices are`, up, needed: patience.row }) ?? {
        level: "fail",
        says: `The newest ${name} price is ${Math.round(age)} s old.`,
        objects: [table],
        evidence,
        remedy: look,
      }
    );
  const [least, most] = plausible[symbol];
  if (price === null || price < least || price > most)
    return {
      level: "fail",
      says: `${price === null ? "An empty price" : dollars.format(price)} is stored as the price of ${name}.`,
      objects: [`${table}.price`],
      evidence,
      remedy: look,
    };
  return { level: "ok", says: `${name} ${dollars.format(price)}, ${Math.max(0, age).toFixed(0)} s old.`, evidence };
}

/** Momentum decides every probability; it needs a price that is a minute old. */
export function judgeMomentum({ symbol, prices, upForSeconds: up }: PriceFacts): Finding {
  const column = `live_data.live_price_log_1s_${symbol}.momentum`;
  if ("unreadable" in prices) return unreadable(prices);
  const { momentum, ageSeconds } = prices.facts;
  const evidence = { asked: `the newest ${column}`, cameBack: momentum === null ? "null" : String(momentum) };
  if (momentum === null || ageSeconds === null)
    return (
      stillFilling(
        { what: `${symbol.toUpperCase()} momentum values are`, up, needed: patience.momentum },
        evidence,
      ) ?? {
        level: "fail",
        says: `The newest ${symbol.toUpperCase()} price has no momentum.`,
        objects: [column],
        evidence,
        remedy: sentence(`Look at the log of symbol_price_watchdog_${symbol}.`),
      }
    );
  return { level: "ok", says: `${symbol.toUpperCase()} momentum ${momentum.toFixed(3)} %.`, evidence };
}

/** The whole proof of a price watchdog: fresh, dense, with momentum, with Kraken's hourly changes. */
export function judgePriceWatchdog(facts: PriceFacts): Finding {
  const fresh = judgeFresh(facts);
  if (fresh.level !== "ok") return fresh;
  if ("unreadable" in facts.prices) return unreadable(facts.prices);
  const { secondsInLastMinute: dense, changeAgeSeconds: change } = facts.prices.facts;
  const { symbol, upForSeconds: up } = facts;
  const look = sentence(`Look at the log of symbol_price_watchdog_${symbol}.`);
  if (dense < 20)
    return (
      stillFilling({ what: `${symbol.toUpperCase()} prices are`, up, needed: patience.minute }, fresh.evidence) ?? {
        level: "fail",
        says: `Prices of ${symbol.toUpperCase()} were stored in ${dense} of the last 60 seconds; 20 are wanted.`,
        objects: [`live_data.live_price_log_1s_${symbol}`],
        ...(fresh.evidence ? { evidence: fresh.evidence } : {}),
        remedy: look,
      }
    );
  const momentum = judgeMomentum(facts);
  const evidence = fresh.evidence ? { evidence: fresh.evidence } : {};
  // What only a page shows may be missing; what every probability is computed from may not, not even for a minute.
  if (momentum.level !== "ok") return { ...momentum, ...evidence };
  const says = `${fresh.says.slice(0, -1)}, stored in ${dense} of the last 60 s. ${momentum.says}`;
  if (change === null || change > 130)
    return (
      // The first change is asked for at the start and every minute after.
      stillFilling(
        { what: `${symbol.toUpperCase()} hourly changes are`, up, needed: patience.changes },
        fresh.evidence,
      ) ?? {
        level: "warn",
        says: `${says} The hourly changes from Kraken are ${change === null ? "missing" : `${Math.round(change)} s old`}; only a page shows them.`,
        objects: [`live_data.price_change_${symbol}`],
        ...evidence,
        remedy: look,
      }
    );
  return { level: "ok", says, ...evidence };
}

/** Facts for one symbol, shared with everybody who asks within a second. */
export async function collectPrices(world: Pick<World, "postgres" | "supervisor">, symbol: Coin): Promise<PriceFacts> {
  const [data, up] = await Promise.all([liveData(world), upForSeconds(world, `symbol_price_watchdog_${symbol}`)]);
  return {
    symbol,
    prices: symbol === "btc" ? data.pricesBtc : data.pricesEth,
    ...(up === undefined ? {} : { upForSeconds: up }),
  };
}

/** BTC and ETH prices and the momentum of BTC, every 3 seconds. */
export function priceProbes(): AskedQuestion[] {
  const fresh = (symbol: Coin, name: string) =>
    probe<"postgres" | "supervisor", PriceFacts>({
      id: `prices-${symbol}-fresh`,
      title: `${name} prices arrive`,
      group: "Prices",
      label: "machine",
      everyMs: 5_000,
      collect: (world) => collectPrices(world, symbol),
      judge: judgeFresh,
    });
  const momentum = probe<"postgres" | "supervisor", PriceFacts>({
    id: "momentum-btc",
    title: "Bitcoin's momentum is known",
    group: "Prices",
    label: "machine",
    everyMs: 5_000,
    collect: (world) => collectPrices(world, "btc"),
    judge: judgeMomentum,
  });
  return [
    { question: fresh("btc", "Bitcoin") as AnyProbe, need: "installed" },
    { question: fresh("eth", "Ether") as AnyProbe, need: "installed" },
    { question: momentum as AnyProbe, need: "installed" },
  ];
}
