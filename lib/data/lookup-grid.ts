/** One cell of the lookup: seconds to the close, points between price and strike, bucket of momentum (hundredths). */
export interface LookupPoint {
  ttc: number;
  buffer: number;
  bucket: number;
}

/** How finely the lookup is laid out: seconds and points between neighbours. */
export interface LookupGrid {
  readonly ttcStep: number;
  readonly bufferStep: number;
}

/** The last second, the last point and the price that points are turned into per cent with: backend/util/probability_lookup_generator.py, main(). */
export const mostTtc = 3600;
export const mostBuffer = 2000;
export const basePrice = 120_000;

/** Buckets of momentum, all of which REC.IO's calculator looks for: -30 to 30. */
export const buckets: readonly number[] = Array.from({ length: 61 }, (_, index) => index - 30);

/** The grid that REC.IO's own generator makes: 721 × 201 × 61 = 8,840,181 rows. */
export const fullGrid: LookupGrid = { ttcStep: 5, bufferStep: 10 };

/** The same ground with every step `factor` times as wide, for the rehearsal and tests: factor 4 has 563,091 rows. */
export function coarseGrid(factor: number): LookupGrid {
  const grid = { ttcStep: fullGrid.ttcStep * factor, bufferStep: fullGrid.bufferStep * factor };
  if (!Number.isInteger(factor) || factor < 1 || mostTtc % grid.ttcStep !== 0 || mostBuffer % grid.bufferStep !== 0)
    throw new Error(`a grid ${factor} times as coarse does not end where the full one does`);
  return grid;
}

/**
 * A grid for the rehearsal: 362,645 rows. It still holds the point 1800 s, 500 points that the strike table's probe asks
 * for; cells of 5 s by 10 points, from which a strike is computed again, only the full grid has.
 */
export const rehearsalGrid: LookupGrid = coarseGrid(5);

/** How many moments and buffers a grid has. */
export function sides(grid: LookupGrid): { ttcs: number; buffers: number } {
  return {
    ttcs: Math.floor(mostTtc / grid.ttcStep) + 1,
    buffers: Math.floor(mostBuffer / grid.bufferStep) + 1,
  };
}

/** Rows of one bucket of momentum. */
export function rowsOfBucket(grid: LookupGrid): number {
  const { ttcs, buffers } = sides(grid);
  return ttcs * buffers;
}

export function rowsOf(grid: LookupGrid): number {
  return rowsOfBucket(grid) * buckets.length;
}

/** Points that are read back for ever: eight of each bucket. */
const known = 8 * buckets.length;

/**
 * The points whose values are remembered, the same ones for the same grid. They lie evenly over the whole ground (steps
 * of the plastic number, Roberts' R2 sequence), so that a stretch of time, of buffers or a bucket that is gone is missed
 * by some of them.
 */
export function knownPoints(grid: LookupGrid): LookupPoint[] {
  const { ttcs, buffers } = sides(grid);
  const part = (index: number, step: number, of: number) => Math.floor(((index * step) % 1) * of);
  return Array.from({ length: known }, (_, index) => ({
    ttc: part(index + 1, 0.754_877_666_246_693, ttcs) * grid.ttcStep,
    buffer: part(index + 1, 0.569_840_290_998_053, buffers) * grid.bufferStep,
    bucket: buckets[index % buckets.length] ?? 0,
  }));
}
