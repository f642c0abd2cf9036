import type { KalshiAnswer } from "../kalshi.ts";

/** Kalshi refuses a signed time somewhere between 10 and 30 s in the past (facts/kalshi.md section 2). */
export const clockFailsAtMs = 8_000;
export const clockWarnsAtMs = 2_000;

/**
 * How far this machine's clock is ahead of the server's, in milliseconds, or undefined where the server told no time.
 * The `Date` header knows whole seconds, so half a second is added; half of the request's time is taken for the way back.
 * When within that time the server read its clock nobody knows: a slow answer is given the benefit of the doubt.
 */
export function aheadMs(answer: Pick<KalshiAnswer, "serverTime" | "tookMs">, receivedAt: number): number | undefined {
  if (answer.serverTime === undefined) return undefined;
  const halfWay = answer.tookMs / 2;
  const ahead = receivedAt - halfWay - (answer.serverTime + 500);
  return Math.round(Math.sign(ahead) * Math.max(0, Math.abs(ahead) - halfWay));
}

/** "right to within a second", "43 s slow", "2 min fast". */
export function clockWords(ahead: number): string {
  const seconds = Math.round(Math.abs(ahead) / 1000);
  if (seconds < 1) return "right to within a second";
  const amount = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${amount} ${ahead < 0 ? "slow" : "fast"}`;
}
