import { coinbaseStandIn } from "../../lib/rehearsal/feeds/coinbase.ts";
import { krakenStandIn } from "../../lib/rehearsal/feeds/kraken.ts";
import { priceModel } from "../../lib/rehearsal/feeds/prices.ts";
import { type KalshiStandIn, kalshiStandIn, listen } from "../../lib/rehearsal/kalshi/stand-in.ts";
import { type RequestLog, requestLog } from "../../lib/rehearsal/requests.ts";

/** Kalshi's two environments, Coinbase and Kraken on loopback, without TLS. */
export interface Outside {
  demo: KalshiStandIn;
  prod: KalshiStandIn;
  requests: RequestLog;
  /** "http://127.0.0.1:PORT" of each. */
  origins: { kalshi: string; kalshiDemo: string; coinbase: string; kraken: string };
  stop(): Promise<void>;
}

export async function startOutside(demoKeys: readonly { keyId: string; publicKeyPem: string }[]): Promise<Outside> {
  const prices = priceModel(1);
  const requests = requestLog();
  // The dialect that the stand-in checkout was written for.
  const exchange = { dialect: "2025", prices, requests } as const;
  const prod = kalshiStandIn({ ...exchange, environment: "prod" });
  const demo = kalshiStandIn({ ...exchange, environment: "demo", keys: demoKeys });
  const [kalshi, kalshiDemo, coinbase, kraken] = await Promise.all([
    listen(prod),
    listen(demo),
    listen(coinbaseStandIn({ prices, requests })),
    listen(krakenStandIn({ prices, requests })),
  ]);
  return {
    demo,
    prod,
    requests,
    origins: {
      kalshi: kalshi.origin,
      kalshiDemo: kalshiDemo.origin,
      coinbase: coinbase.origin,
      kraken: kraken.origin,
    },
    async stop() {
      await Promise.all([kalshi, kalshiDemo, coinbase, kraken].map((one) => one.stop()));
    },
  };
}
