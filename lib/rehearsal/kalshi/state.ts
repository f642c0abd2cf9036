import { createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";

/** What can be moved on a stand-in while it runs; also the body of the control port's POST /state. */
export const exchangeState = z.object({
  /** paused: signed reads work, nothing trades. down: 503 with the same object. */
  exchange: z.enum(["open", "paused", "down"]).default("open"),
  /** How far this server's clock is ahead of the true one. */
  clockAheadMs: z.number().default(0),
  /** A signed time may lie this far in the past or the future (facts/kalshi.md section 2, measured by others). */
  skewPastMs: z.number().default(20_000),
  skewFutureMs: z.number().default(40_000),
  balanceCents: z.number().int().default(123_456),
  /** Money by exchange shard, in cents; crypto trades on shard 2. Where absent, all of the balance is on shard 2. */
  shards: z.record(z.string(), z.number().int()).optional(),
  /** Only salts of the digest's length verify. */
  strictSalt: z.boolean().default(false),
  /** The later build's words and the older build's details. */
  laterMessage: z.boolean().default(false),
  rpcDetails: z.boolean().default(false),
  /** An unknown key is called an invalid parameter, as was seen in September 2026. */
  unknownAsInvalid: z.boolean().default(false),
  /** A restricted key is answered 401 instead of 403, as was seen in 2026. */
  restrictedAs401: z.boolean().default(false),
  /** Every path answers as the retired host does. */
  legacyHost: z.boolean().default(false),
  /** Calls a second for reading, in tokens of 10 a call. */
  readTokens: z.number().default(200),
  /** The same for writing; this bucket holds no more than a second's worth. */
  writeTokens: z.number().default(100),
  websocket: z.enum(["normal", "silent", "mute", "stale", "drop", "refuse"]).default("normal"),
  pingMs: z.number().default(10_000),
  tickMs: z.number().default(1_000),
});
export type ExchangeState = z.infer<typeof exchangeState>;

/** One thing that goes wrong: the first whose path fits is used, `times` times, then it heals. */
export const fault = z.object({
  /** Path below the base, "websocket" for its upgrade, or "*". A query is not compared. */
  path: z.string().default("*"),
  status: z.number().int().optional(),
  body: z.string().optional(),
  headers: z.record(z.string(), z.string()).default({}),
  delayMs: z.number().default(0),
  /** Between the two halves of the body: the headers come at once. */
  slowBodyMs: z.number().default(0),
  /** The connection is cut without an answer. */
  reset: z.boolean().default(false),
  /** Half of the true answer, then the connection is cut. */
  truncate: z.boolean().default(false),
  times: z.number().int().positive().optional(),
});
export type Fault = z.infer<typeof fault>;

/** A key as this environment knows it. */
export interface RegisteredKey {
  keyId: string;
  publicKey: KeyObject;
  name: string;
  scopes: readonly string[];
  /** Restricted to this sub-account. */
  subaccount?: number;
  /** What is left to spend, and since when; full where it was never asked. */
  readonly buckets: Record<"read" | "write", { tokens: number; at: number } | undefined>;
}

export interface KeyRegistration {
  keyId: string;
  /** PEM of the public half. The private half never comes here. */
  publicKeyPem: string;
  scopes?: readonly string[];
  subaccount?: number;
}

export function registered({ keyId, publicKeyPem, scopes, subaccount }: KeyRegistration): RegisteredKey {
  return {
    keyId: keyId.toLowerCase(),
    publicKey: createPublicKey(publicKeyPem),
    name: "stand-in",
    scopes: scopes ?? ["read", "write"],
    ...(subaccount === undefined ? {} : { subaccount }),
    buckets: { read: undefined, write: undefined },
  };
}
