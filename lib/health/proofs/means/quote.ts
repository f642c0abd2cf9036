import type { World } from "../../../world.ts";

/** A price from somebody else, in dollars, or why there is none. */
export type Quote = { price: number; from: string } | { notHad: string };

async function json(url: string, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(url, {
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]),
    // Coinbase refuses requests without a User-Agent.
    headers: { accept: "application/json", "user-agent": "rec-io-setup" },
  });
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new Error(`it answers ${answer.status}`);
  }
  return answer.json();
}

/** The price in Coinbase's ticker, or in the last hour of Kraken's OHLC answer; undefined where there is none. Pure. */
export function priceIn(body: unknown): number | undefined {
  const { price, result } = (body ?? {}) as { price?: unknown; result?: unknown };
  const hours =
    typeof result === "object" && result !== null
      ? Object.entries(result).find(([name]) => name !== "last")?.[1]
      : undefined;
  const close: unknown = Array.isArray(hours) && Array.isArray(hours.at(-1)) ? hours.at(-1)[4] : undefined;
  const found = Number(price ?? close ?? Number.NaN);
  return Number.isFinite(found) && found > 0 ? found : undefined;
}

/**
 * An independent price, by unsigned GET: Coinbase's REST ticker (REC.IO takes its prices from the websocket), else the
 * hourly prices of Kraken. Resolves in at most 10 seconds.
 */
export async function independentQuote(
  world: Pick<World, "settings">,
  symbol: "btc" | "eth",
  signal: AbortSignal,
): Promise<Quote> {
  const { coinbaseUrl, krakenUrl } = world.settings;
  const name = symbol.toUpperCase();
  const pair = symbol === "btc" ? "XBTUSD" : "ETHUSD";
  const sources = [
    { from: "Coinbase", url: `${coinbaseUrl.replace(/\/$/, "")}/products/${name}-USD/ticker` },
    { from: "Kraken", url: `${krakenUrl.replace(/\/$/, "")}/0/public/OHLC?pair=${pair}&interval=60` },
  ];
  const reasons: string[] = [];
  for (const { from, url } of sources) {
    try {
      const price = priceIn(await json(url, signal));
      if (price !== undefined) return { price, from };
      reasons.push(`${from} sends no price`);
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      reasons.push(`${from} does not answer (${thrown instanceof Error ? thrown.message : "error"})`);
    }
  }
  return { notHad: reasons.join("; ") };
}
