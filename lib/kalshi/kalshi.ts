import type { KalshiEnvironment } from "../settings.ts";

/** A key in memory: the id and the parsed private key (node:crypto KeyObject). Never serialised. */
export interface KalshiKey {
  environment: KalshiEnvironment;
  keyId: string;
  privateKey: import("node:crypto").KeyObject;
}

/** What came back from one GET. `body` is the parsed JSON, or the text (at most 2 000 characters) where it was none. */
export interface KalshiAnswer {
  status: number;
  body: unknown;
  /** Milliseconds since the epoch from the `Date` header, where there was one. */
  serverTime?: number;
  tookMs: number;
}

/** What the websocket gave within its time. */
export interface FeedAnswer {
  /** `snapshot`: subscribed and an order book came; the others say how far it got. */
  reached: "snapshot" | "subscribed" | "connected" | "refused" | "nothing";
  /** HTTP status of a refused upgrade. */
  status?: number;
  /** Body of a refused upgrade, as in {@link KalshiAnswer}. */
  body?: unknown;
  /** Milliseconds between the newest ticker's own time and now, where one came. */
  tickerAgeMs?: number;
  tookMs: number;
}

/** The exchange. It is sent nothing but GET: the interface has no other verb. */
export interface Kalshi {
  /** Where an environment is asked: REST base ending in /trade-api/v2. */
  base(environment: KalshiEnvironment): string;
  /** Unsigned GET of a path below the base ("/exchange/status"). Throws a Problem `kalshi.unreachable…` where no HTTP answer came. */
  get(environment: KalshiEnvironment, path: string, signal?: AbortSignal): Promise<KalshiAnswer>;
  /** Signed GET. */
  getSigned(key: KalshiKey, path: string, signal?: AbortSignal): Promise<KalshiAnswer>;
  /**
   * Opens the websocket, subscribes to one market's order book and ticker, waits at most 5 s for the snapshot, and
   * closes. Throws a Problem `kalshi.unreachable…` where no connection came.
   */
  feed(key: KalshiKey, marketTicker: string, signal?: AbortSignal): Promise<FeedAnswer>;
  /** The key that is installed in the checkout's credential files, or undefined where there is none. Throws a Problem where it cannot be used. */
  installedKey(): Promise<KalshiKey | undefined>;
  /** The key to ask with now: the one that is held in memory for the run in hand, else the installed one. */
  keyInHand(): Promise<KalshiKey | undefined>;
  /** The environment that the answers chose. */
  readonly environment: KalshiEnvironment;
  /** True where the person chose to install without a key. */
  readonly withoutKey: boolean;
  /** What this checkout's code asks of the exchange, read from its files. Throws a Problem of the checkout where it is not there. */
  usedByCheckout(): Promise<UsedByCheckout>;
}

/** What the code of the checkout asks of the exchange, with the place where it says so. Empty where it was not found. */
export interface UsedByCheckout {
  /** How orders are signed; "rsa-pss" is all that the code knows. */
  signs?: { with: "rsa-pss"; at: string };
  /** Path below the base that orders are posted to: "/portfolio/orders". */
  orderPath?: { path: string; at: string };
  /** Fields of a market that the market watchdog reads. */
  marketFields: readonly string[];
  /** Where the market watchdog reads the first of them. */
  marketFieldsAt?: string;
  /** Host of the websocket that the account sync opens whatever the account mode says. */
  websocketHost?: { host: string; at: string };
}
