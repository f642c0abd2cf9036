import type { PriceModel } from "../feeds/prices.ts";

/** One hourly Bitcoin event: its ticker names the hour in New York at which it closes. */
export interface HourlyEvent {
  ticker: string;
  series: string;
  /** Milliseconds since the epoch. */
  opensAt: number;
  closesAt: number;
}

/** One strike of an event, priced. Prices in whole cents, amounts in whole contracts. */
export interface Quote {
  event: HourlyEvent;
  ticker: string;
  strike: number;
  yesBid: number;
  yesAsk: number;
  noBid: number;
  noAsk: number;
  lastPrice: number;
  volume: number;
  volume24h: number;
  openInterest: number;
  liquidityCents: number;
}

export const series = "KXBTCD";
const hour = 3_600_000;
const spacing = 250;
const strikesEachSide = 25;
/** Share by which Bitcoin moves in an hour, one standard deviation. */
const hourlySwing = 0.0045;
const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

const newYork = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  hourCycle: "h23",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
});

function newYorkParts(time: number): { year: number; month: number; day: number; hour: number } {
  const parts = Object.fromEntries(newYork.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  return { year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0, hour: parts.hour ?? 0 };
}

/** The ticker of the event that closes at this whole hour: KXBTCD-25AUG2015 closes on 20 August 2025 at 15:00 in New York. */
export function eventTicker(closesAt: number): string {
  const { year, month, day, hour: at } = newYorkParts(closesAt);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${series}-${two(year % 100)}${months[month - 1]}${two(day)}${two(at)}`;
}

/** The event of a ticker, or undefined where it is none or closes outside the day around `now`. */
export function eventOf(ticker: string, now: number): HourlyEvent | undefined {
  const first = Math.floor(now / hour) * hour - hour;
  // Twenty-six hours hold every ticker that anybody asks for, and spare the arithmetic of a zone with summer time.
  for (let closesAt = first; closesAt <= first + 26 * hour; closesAt += hour) {
    if (eventTicker(closesAt) === ticker) return { ticker, series, opensAt: closesAt - hour, closesAt };
  }
  return undefined;
}

/** The event that closes at the next whole hour. */
export function nextEvent(now: number): HourlyEvent {
  const closesAt = (Math.floor(now / hour) + 1) * hour;
  return { ticker: eventTicker(closesAt), series, opensAt: closesAt - hour, closesAt };
}

/** The normal distribution's share below x (Abramowitz and Stegun 26.2.17, good to seven places). */
function shareBelow(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}

/**
 * The last minutes of an hour are priced like the tenth before its end. At the real exchange nearly every ask is 1 or 99
 * then: a rehearsal would lose its verdict at the end of each hour, and whoever tries it at that time would learn nothing.
 */
const leastLeftMs = 600_000;

function quote(event: HourlyEvent, strike: number, price: number, now: number): Quote {
  const hours = Math.max(event.closesAt - now, leastLeftMs) / hour;
  const chance = shareBelow((price - strike) / (price * hourlySwing * Math.sqrt(hours)));
  const yesAsk = Math.min(100, Math.max(1, Math.round(chance * 100) + 1));
  const yesBid = Math.max(0, Math.min(99, Math.round(chance * 100) - 1));
  const near = Math.exp(-(((strike - price) / 2_500) ** 2));
  const passed = Math.min(1, Math.max(0, (now - event.opensAt) / hour));
  const volume = Math.round(40 + near * (4_000 + 9_000 * passed) + ((strike / spacing) % 7) * 13);
  return {
    event,
    ticker: `${event.ticker}-T${(strike - 0.01).toFixed(2)}`,
    strike,
    yesBid,
    yesAsk,
    noBid: 100 - yesAsk,
    noAsk: 100 - yesBid,
    lastPrice: Math.min(99, Math.max(1, Math.round(chance * 100))),
    volume,
    volume24h: volume,
    openInterest: Math.round(volume * 0.6),
    liquidityCents: Math.round(near * 2_500_000) + 12_000,
  };
}

/** Every strike of an event, 250 dollars apart around the price at which it opened, priced at `now`. */
export function quotesOf(event: HourlyEvent, prices: PriceModel, now: number): Quote[] {
  const middle = Math.round(prices.at("BTC", event.opensAt) / spacing) * spacing;
  const price = prices.at("BTC", now);
  return Array.from({ length: 2 * strikesEachSide + 1 }, (_, row) =>
    quote(event, middle + (row - strikesEachSide) * spacing, price, now),
  );
}

/** The market of a ticker, or undefined. */
export function quoteOf(ticker: string, prices: PriceModel, now: number): Quote | undefined {
  const event = eventOf(ticker.split("-T", 1)[0] ?? "", now);
  return event && quotesOf(event, prices, now).find((candidate) => candidate.ticker === ticker);
}
