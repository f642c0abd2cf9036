import { isProblem } from "../../problem.ts";
import { firstMarket } from "../exchange-facts.ts";
import type { Kalshi, KalshiAnswer, KalshiKey, UsedByCheckout } from "../kalshi.ts";
import type { Ladder } from "./ladder.ts";
import { feedFound, fundsFound, marketsFound, orProblem, rightsFound, scopesOf } from "./looks.ts";
import { patiently } from "./patience.ts";
import type { Learnt } from "./receipt.ts";
import { rungTitles } from "./rungs.ts";

/** Best effort: what is not told here ends nothing. */
export async function lookFurther(
  ladder: Ladder,
  key: KalshiKey,
  balance: KalshiAnswer,
): Promise<Pick<Learnt, "scopes" | "market">> {
  const { kalshi, environment, signal } = ladder;
  const scopes = await ladder.climb("rights", rungTitles.rights, () =>
    orProblem<readonly string[] | undefined>(async () => {
      const [answer, limits] = await Promise.all([
        kalshi.getSigned(key, "/api_keys", signal),
        kalshi.getSigned(key, "/account/limits", signal),
      ]);
      const gain = scopesOf(answer, key.keyId);
      const tier = (limits.body as { usage_tier?: unknown } | null)?.usage_tier;
      const found = rightsFound(gain, answer);
      return {
        found: typeof tier === "string" ? { ...found, detail: `Rate tier: ${tier.slice(0, 40)}.` } : found,
        gain,
      };
    }),
  );
  const used = await checkoutUse(kalshi);
  const market = await ladder.climb("markets", rungTitles.markets, () =>
    orProblem<Record<string, unknown> | undefined>(async () => {
      const answer = await patiently(
        () => kalshi.get(environment, "/markets?series_ticker=KXBTCD&status=open&limit=1", signal),
        signal,
      );
      return { found: marketsFound(answer, used), gain: firstMarket(answer.body) };
    }),
  );
  const known = isProblem(market) ? undefined : market;
  await ladder.climb("funds", rungTitles.funds, async () => ({ found: fundsFound(balance.body, known), gain: true }));
  const ticker = known?.ticker;
  await ladder.climb("websocket", rungTitles.websocket, async () => {
    if (typeof ticker !== "string")
      return { found: { says: "Without an open market the live feed is not tried.", level: "unknown" }, gain: false };
    const looked = await orProblem(async () => {
      const answer = await kalshi.feed(key, ticker, signal);
      return { found: feedFound(answer), gain: answer.reached };
    });
    // A dead feed is a lasting warning, not a wrong key.
    return isProblem(looked.gain)
      ? { found: { ...looked.found, level: "warn" as const }, gain: false }
      : { found: looked.found, gain: true };
  });
  return { ...(isProblem(scopes) || !scopes ? {} : { scopes }), ...(known ? { market: known } : {}) };
}

/** What the checkout asks of the exchange, or undefined where there is no checkout yet. */
export async function checkoutUse(kalshi: Kalshi): Promise<UsedByCheckout | undefined> {
  try {
    return await kalshi.usedByCheckout();
  } catch (thrown) {
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}
