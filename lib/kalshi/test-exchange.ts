import { createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localMachine } from "../machine/local-machine.ts";
import type { DialectName } from "../rehearsal/kalshi/dialects/dialect.ts";
import { type KalshiStandIn, kalshiStandIn, listen } from "../rehearsal/kalshi/stand-in.ts";
import { type RequestLog, requestLog } from "../rehearsal/requests.ts";
import type { KalshiEnvironment } from "../settings.ts";
import { kalshi } from "./client.ts";
import type { Kalshi, KalshiKey } from "./kalshi.ts";

/** A prod and a demo exchange on loopback, a client that asks them, and one key of each, for tests. */
export interface TestExchange {
  standIns: Readonly<Record<KalshiEnvironment, KalshiStandIn>>;
  requests: RequestLog;
  /** Ids and PKCS#1 PEMs, as a person would have them. */
  keys: Readonly<Record<KalshiEnvironment, { keyId: string; pem: string }>>;
  /** Where each environment is asked. */
  urls: Readonly<Record<KalshiEnvironment, { rest: string; websocket: string }>>;
  /** Folder that stands for the checkout. */
  checkoutFolder: string;
  client(options?: {
    environment?: KalshiEnvironment;
    withoutKey?: boolean;
    heldKey?: () => KalshiKey | undefined;
    now?: () => number;
  }): Kalshi;
  stop(): Promise<void>;
}

/** A fresh RSA pair: what Kalshi would give out, and what it would keep. */
export function freshKey(): { keyId: string; pem: string; publicKeyPem: string } {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    keyId: randomUUID(),
    pem: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    publicKeyPem: createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString(),
  };
}

export async function testExchange(dialect: DialectName = "today"): Promise<TestExchange> {
  const requests = requestLog();
  const keys = { prod: freshKey(), demo: freshKey() };
  const standInOf = (environment: KalshiEnvironment) =>
    kalshiStandIn({ environment, dialect, requests, keys: [keys[environment]], state: { tickMs: 50 } });
  const standIns = { prod: standInOf("prod"), demo: standInOf("demo") };
  const listening = { prod: await listen(standIns.prod), demo: await listen(standIns.demo) };
  const checkoutFolder = join(tmpdir(), `kalshi-test-${randomUUID()}`);
  const machine = localMachine({ stateFolder: tmpdir() });
  await machine.files.makeFolder(checkoutFolder, 0o700);
  const at = (...parts: string[]) => join(checkoutFolder, ...parts);
  const checkout = { at, credentials: (environment: KalshiEnvironment) => at("credentials", environment) };
  const urls = (environment: KalshiEnvironment) => {
    const { origin } = listening[environment];
    return { rest: `${origin}/trade-api/v2`, websocket: `${origin.replace("http", "ws")}/trade-api/ws/v2` };
  };
  const settings = { kalshi: { prod: urls("prod"), demo: urls("demo") } };
  return {
    standIns,
    requests,
    keys,
    urls: settings.kalshi,
    checkoutFolder,
    client: ({ environment = "prod", withoutKey = false, ...more } = {}) =>
      kalshi({ settings, environment, withoutKey, checkout, machine, timeoutMs: 1_500, ...more }),
    async stop() {
      await Promise.all([listening.prod.stop(), listening.demo.stop()]);
      await machine.files.removeTree(checkoutFolder);
    },
  };
}

/** The places of a checkout's code that name endpoint, fields and websocket, in the least code that does. */
export const checkoutFiles: Readonly<Record<string, string>> = {
  "backend/trade_executor.py": 'path = "/portfolio/orders"\n',
  "backend/kalshi_market_watchdog.py": ["subtitle", "yes_bid", "yes_ask", "volume"]
    .map((field) => `market.get("${field}", 0)\n`)
    .join(""),
  "backend/api/kalshi-api/kalshi_account_sync_ws.py": 'WS_URL = "wss://api.elections.kalshi.com/trade-api/ws/v2"\n',
};
