export type Coin = "BTC" | "ETH";

/** One price for everybody: the price feeds, the candles and the markets of the stand-ins agree at every instant. */
export interface PriceModel {
  /** US dollars at an instant (milliseconds since the epoch), past or to come. */
  at(coin: Coin, time: number): number;
}

/** Bitcoin stays between 116,000 and 120,000: REC.IO's generator finds its strikes only between 65,536 and 131,071. */
const level: Record<Coin, number> = { BTC: 118_000, ETH: 3_100 };

const second = 1_000;
const minute = 60 * second;

/** Swings by their period: wide ones take hours, those within minutes keep momentum inside the lookup table's buckets. */
const swings: readonly { periodMs: number; share: number }[] = [
  { periodMs: 360 * minute, share: 0.008 },
  { periodMs: 60 * minute, share: 0.003 },
  { periodMs: 15 * minute, share: 0.001 },
  { periodMs: 4 * minute, share: 0.0004 },
  { periodMs: minute, share: 0.00015 },
  { periodMs: 15 * second, share: 0.00006 },
  { periodMs: 3 * second, share: 0.00003 },
];

/** A number in [-1, 1) that depends on its arguments alone (a 32-bit mixing function). */
function chance(seed: number, swing: number, step: number): number {
  let mixed =
    Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(swing + 1, 0xc2b2ae35) ^ Math.imul(step | 0, 0x27d4eb2f);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 31 - 1;
}

function wave(seed: number, swing: number, position: number): number {
  const step = Math.floor(position);
  const share = (1 - Math.cos(Math.PI * (position - step))) / 2;
  return chance(seed, swing, step) * (1 - share) + chance(seed, swing, step + 1) * share;
}

/**
 * A wandering price as a pure function of time: no timer, the same in every process with the same seed, and its past is
 * always known, so candles fit the ticks.
 */
export function priceModel(seed = 1): PriceModel {
  return {
    at(coin, time) {
      const own = seed * 2 + (coin === "BTC" ? 0 : 1);
      const drift = swings.reduce(
        (sum, { periodMs, share }, swing) => sum + share * wave(own, swing, time / periodMs),
        0,
      );
      return Math.round(level[coin] * (1 + drift) * 100) / 100;
    },
  };
}
