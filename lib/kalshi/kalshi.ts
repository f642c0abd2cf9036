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

/** The exchange. It is sent nothing but GET: the interface has no other verb. */
export interface Kalshi {
  /** Where an environment is asked: REST base ending in /trade-api/v2. */
  base(environment: KalshiEnvironment): string;
  /** Unsigned GET of a path below the base ("/exchange/status"). Throws a Problem `kalshi.unreachable…` where no HTTP answer came. */
  get(environment: KalshiEnvironment, path: string, signal?: AbortSignal): Promise<KalshiAnswer>;
  /** Signed GET. */
  getSigned(key: KalshiKey, path: string, signal?: AbortSignal): Promise<KalshiAnswer>;
  /** The key that is installed in the checkout's credential files, or undefined where there is none. Throws a Problem where it cannot be used. */
  installedKey(): Promise<KalshiKey | undefined>;
  /** The environment that the answers chose. */
  readonly environment: KalshiEnvironment;
  /** True where the person chose to install without a key. */
  readonly withoutKey: boolean;
}
