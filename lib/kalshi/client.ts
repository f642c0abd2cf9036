import { join } from "node:path";
import type { Checkout } from "../checkout/checkout.ts";
import { keyIdIn } from "../checkout/credentials.ts";
import type { Machine } from "../machine/machine.ts";
import { Problem, sentence } from "../problem.ts";
import { childEnvironment, type KalshiEnvironment, type Settings } from "../settings.ts";
import { usedByCheckout } from "./checkout-use.ts";
import type { Kalshi, KalshiAnswer, KalshiKey } from "./kalshi.ts";
import { normaliseKeyId, parsePrivateKey } from "./key.ts";
import { signedHeaders, websocketPath } from "./sign.ts";
import { firstSnapshot } from "./wire/feed.ts";
import { userAgent } from "./wire/our-name.ts";
import { type HttpAnswer, httpGet } from "./wire/transport.ts";

/** No single request may take longer. */
const requestTimeoutMs = 5_000;

const commonHeaders = { accept: "application/json", "user-agent": userAgent };

export interface KalshiOptions {
  settings: Pick<Settings, "kalshi">;
  environment: KalshiEnvironment;
  withoutKey: boolean;
  checkout: Pick<Checkout, "at" | "credentials">;
  machine: Pick<Machine, "files">;
  /** The key that is to be proven before it is on disk; it lives in memory only. */
  heldKey?: () => KalshiKey | undefined;
  /** This machine's clock, in milliseconds since the epoch. */
  now?: () => number;
  /** For a single request and for the feed's snapshot. Tests are less patient. */
  timeoutMs?: number;
}

function answerOf({ status, text, serverTime, tookMs }: HttpAnswer): KalshiAnswer {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = text.slice(0, 2000);
  }
  return { status, body, ...(serverTime === undefined ? {} : { serverTime }), tookMs };
}

async function readInstalledKey({ checkout, machine, environment }: KalshiOptions): Promise<KalshiKey | undefined> {
  const folder = checkout.credentials(environment);
  const [settings, pem] = await Promise.all([
    machine.files.read(join(folder, ".env")),
    machine.files.read(join(folder, "kalshi.pem")),
  ]);
  if (settings === undefined && pem === undefined) return undefined;
  const keyId = keyIdIn(settings ?? "");
  if (!keyId || pem === undefined) {
    throw new Problem({
      code: "kalshi.credentials-incomplete",
      says: keyId ? "kalshi.pem is missing beside its key id." : "The key id is missing from .env beside kalshi.pem.",
      remedy: sentence("Give the Kalshi key again; both files are written together."),
    });
  }
  return { environment, keyId: normaliseKeyId(keyId), privateKey: parsePrivateKey(pem).privateKey };
}

/**
 * Kalshi over the network. Sends GET and opens the websocket; there is no way to send anything else through it.
 * Nothing is retried here: who asks knows whether asking again helps.
 */
export function kalshi(options: KalshiOptions): Kalshi {
  const {
    settings,
    environment,
    withoutKey,
    heldKey = () => undefined,
    now = Date.now,
    timeoutMs = requestTimeoutMs,
  } = options;
  const proxies = childEnvironment();
  const base = (of: KalshiEnvironment) => settings.kalshi[of].rest;
  const ask = async (address: string, headers: Record<string, string>, signal: AbortSignal | undefined) =>
    answerOf(
      await httpGet(address, {
        headers: { ...commonHeaders, ...headers },
        environment: proxies,
        timeoutMs,
        ...(signal ? { signal } : {}),
      }),
    );
  const installedKey = () => readInstalledKey(options);
  return {
    environment,
    withoutKey,
    base,
    get: (of, path, signal) => ask(`${base(of)}${path}`, {}, signal),
    getSigned: (key, path, signal) => {
      const address = `${base(key.environment)}${path}`;
      return ask(address, signedHeaders(key, new URL(address).pathname, now()), signal);
    },
    feed: (key, marketTicker, signal) =>
      firstSnapshot(settings.kalshi[key.environment].websocket, {
        headers: { "user-agent": userAgent, ...signedHeaders(key, websocketPath, now()) },
        marketTicker,
        timeoutMs,
        ...(signal ? { signal } : {}),
      }),
    installedKey,
    keyInHand: async () => heldKey() ?? (await installedKey()),
    usedByCheckout: () => usedByCheckout(options.checkout, options.machine),
  };
}
