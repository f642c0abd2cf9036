/** One row of the lookup table near a point: seconds to close, dollars of buffer, the two probabilities in per cent. */
export interface Corner {
  ttc: number;
  buffer: number;
  positive: number;
  negative: number;
}

/** Beyond this buffer (dollars) REC.IO asks no table and writes 99.9. */
export const widestBuffer = 2000;

/**
 * Whether this checkout finds the market of a strike again. It compares the strike with itself less one cent and wants
 * less than a cent of difference, so only the rounding of floating-point numbers lets it match, and that is the same
 * between two powers of two (strike_table_generator.py:638 at 26c9406).
 */
export function strikeIsMatched(strike: number): boolean {
  return Math.abs(strike - Number((strike - 0.01).toFixed(2))) < 0.01;
}

/** Rounds as Python does: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/**
 * The momentum buckets that a strike row may have been computed with. The row keeps momentum with three decimals and
 * the generator used four, so at the edge of a bucket there are two.
 */
export function bucketsOf(momentum: number): readonly number[] {
  const ends = [momentum - 0.0005, momentum + 0.0005, momentum].map((value) => roundHalfEven(value * 100) + 0);
  return [...new Set(ends)];
}

/**
 * The probability at a point inside the cell of its four corners: linear in time, then in buffer. Undefined where the
 * four do not make a cell. Written from the definition of bilinear interpolation, as an independent second opinion.
 */
export function probabilityAt(
  corners: readonly Corner[],
  ttc: number,
  buffer: number,
  above: boolean,
): number | undefined {
  const times = [...new Set(corners.map((corner) => corner.ttc))].sort((a, b) => a - b);
  const buffers = [...new Set(corners.map((corner) => corner.buffer))].sort((a, b) => a - b);
  const [early, late] = times;
  const [near, far] = buffers;
  if (corners.length !== 4 || times.length !== 2 || buffers.length !== 2) return undefined;
  if (early === undefined || late === undefined || near === undefined || far === undefined) return undefined;
  const at = (time: number, distance: number) => {
    const corner = corners.find((one) => one.ttc === time && one.buffer === distance);
    return above ? corner?.negative : corner?.positive;
  };
  const along = (from: number | undefined, to: number | undefined, share: number) =>
    from === undefined || to === undefined ? Number.NaN : from + (to - from) * share;
  const time = (ttc - early) / (late - early);
  const value = along(
    along(at(early, near), at(late, near), time),
    along(at(early, far), at(late, far), time),
    (buffer - near) / (far - near),
  );
  return Number.isNaN(value) ? undefined : value;
}
