/** A course of chance that can be run again: numbers from 0 to 1 for a seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of a list. */
export function oneOf<T>(list: readonly T[], next: () => number): T {
  return list[Math.floor(next() * list.length)] as T;
}

/**
 * The seed and the number of rounds of this run, from REC_TEST_COURSE, "seed:rounds"; the configuration chooses a seed
 * where none is given, so that every worker has the same.
 */
export function course(rounds: number): { seed: number; rounds: number } {
  const [seed = "1", wanted] = (process.env.REC_TEST_COURSE ?? "1").split(":");
  return { seed: Number(seed), rounds: wanted ? Number(wanted) : rounds };
}
