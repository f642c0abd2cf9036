import { isProblem } from "../../problem.ts";
import type { KalshiAnswer } from "../kalshi.ts";
import { aheadMs, clockFailsAtMs, clockWords } from "./clock.ts";
import { Ended, type Ladder } from "./ladder.ts";
import { clockFound, type ExchangeMood, exchangeFound, exchangeMood, inShort, orProblem } from "./looks.ts";
import { patiently } from "./patience.ts";
import { type Found, rungTitles } from "./rungs.ts";

/** Host, clock and state of the exchange, from one unsigned call. */
export async function approach(ladder: Ladder): Promise<ExchangeMood> {
  const { kalshi, environment, signal, now } = ladder;
  let receivedAt = 0;
  const status = await ladder.climb("host", rungTitles.host, () =>
    orProblem<KalshiAnswer>(async () => {
      const ask = async () => {
        const answer = await kalshi.get(environment, "/exchange/status", signal);
        receivedAt = now();
        return answer;
      };
      const gain = await patiently(ask, signal);
      const host = new URL(kalshi.base(environment)).host;
      const found: Found = {
        says: `${host} answers in ${Math.round(gain.tookMs)} ms.`,
        level: "ok",
        evidence: { asked: "GET /exchange/status", cameBack: inShort(gain) },
      };
      return { found, gain };
    }),
  );
  if (isProblem(status)) throw new Ended("network", { says: status.says, problem: status });

  const ahead = aheadMs(status, receivedAt);
  await ladder.climb("clock", rungTitles.clock, async () => ({ found: clockFound(ahead), gain: true }));
  if (ahead !== undefined && Math.abs(ahead) > clockFailsAtMs) {
    throw new Ended("clock", {
      says: `This machine's clock is ${clockWords(ahead)}; Kalshi would refuse every signed request.`,
    });
  }
  const mood = exchangeMood(status);
  await ladder.climb("exchange", rungTitles.exchange, async () => ({
    found: exchangeFound(mood, status, now()),
    gain: true,
  }));
  if (mood === "down") throw new Ended("exchange_down");
  if (mood === "unknown") {
    if (status.status === 429) throw new Ended("rate_limited");
    throw new Ended("unexpected", {
      says: `${new URL(kalshi.base(environment)).host} does not answer as Kalshi does (${inShort(status)}).`,
    });
  }
  return mood;
}
