import { setTimeout as pause } from "node:timers/promises";
import type { KalshiAnswer } from "../kalshi.ts";

const pausesMs = [500, 1_000];

/** Asks again where that helps: after 429 and 5xx, twice at most. Every other answer is returned at once. */
export async function patiently(ask: () => Promise<KalshiAnswer>, signal: AbortSignal): Promise<KalshiAnswer> {
  for (const ms of pausesMs) {
    const answer = await ask();
    if (answer.status !== 429 && answer.status < 500) return answer;
    await pause(ms, undefined, { signal });
  }
  return ask();
}
