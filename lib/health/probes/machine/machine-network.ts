import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";

export interface HostFacts {
  host: string;
  /** What did not work, as the network says it ("ENOTFOUND"), or undefined where an HTTP answer came. */
  trouble?: string;
}

const patienceMs = 8_000;

async function askHost(base: string, path: string, signal: AbortSignal): Promise<HostFacts> {
  const { host } = new URL(base);
  try {
    const url = new URL(path, base.endsWith("/") ? base : `${base}/`);
    const answer = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
      redirect: "manual",
    });
    await answer.body?.cancel();
    return { host };
  } catch (thrown) {
    const cause = (thrown as { cause?: { code?: string } }).cause?.code;
    return { host, trouble: cause ?? (thrown as Error).name };
  }
}

/** The feeds that REC.IO hard-codes: BTC and ETH prices come from Coinbase, their changes over time from Kraken. */
export function judgeFeeds({ coinbase, kraken }: { coinbase: HostFacts; kraken: HostFacts }): Finding {
  const evidence = {
    asked: `${coinbase.host}, ${kraken.host}`,
    cameBack: [coinbase, kraken].map(({ host, trouble }) => `${host}: ${trouble ?? "answers"}`).join("; "),
  };
  const remedy = sentence("Look at this machine's network, name service and proxy, then try again.");
  if (coinbase.trouble && kraken.trouble)
    return {
      level: "fail",
      label: "machine",
      says: "Neither Coinbase nor Kraken can be reached from this machine.",
      remedy,
      evidence,
    };
  if (coinbase.trouble)
    return {
      level: "fail",
      says: "Coinbase cannot be reached from this machine, and REC.IO's prices come from there.",
      remedy,
      evidence,
    };
  if (kraken.trouble)
    return {
      level: "warn",
      says: "Kraken cannot be reached from this machine: price changes over time stay empty.",
      remedy,
      evidence,
    };
  return { level: "ok", says: "Coinbase and Kraken answer.", evidence };
}

/** The hosts that the prices come from. Kalshi's hosts have questions of their own. */
export const networkProbes: readonly AnyProbe[] = [
  probe({
    id: "machine-network",
    title: "The price feeds can be reached",
    group: "Machine",
    label: "exchange",
    everyMs: 300_000,
    timeoutMs: patienceMs + 4_000,
    async collect({ settings }: Pick<World, "settings">, signal) {
      const [coinbase, kraken] = await Promise.all([
        askHost(settings.coinbaseUrl, "time", signal),
        askHost(settings.krakenUrl, "0/public/Time", signal),
      ]);
      return { coinbase, kraken };
    },
    judge: judgeFeeds,
  }),
];
