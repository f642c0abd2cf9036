import type { KalshiAnswer } from "../kalshi.ts";

/** An error's body in the one form that the rest of the product reads. */
export interface Refusal {
  /** Kalshi's own code: "authentication_error". */
  code?: string;
  /** Kalshi's details: "NOT_FOUND". */
  details?: string;
  /** Which of the five shapes the body had (facts/kalshi.md section 2). */
  shape: "nested" | "string" | "flat" | "msg" | "text";
  /** The words of the body where it has no code, at most 200 characters, one line. */
  words?: string;
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const short = (value: string): string => value.replace(/\s+/g, " ").trim().slice(0, 200);

function coded(from: Record<string, unknown>, shape: "nested" | "flat"): Refusal {
  const code = text(from.code);
  const details = text(from.details);
  const words = text(from.message);
  return {
    shape,
    ...(code ? { code } : {}),
    ...(details ? { details } : {}),
    ...(words ? { words: short(words) } : {}),
  };
}

/** Reads an error body of any shape. `message` is kept for people; nothing is ever decided by it. */
export function readRefusal(body: unknown): Refusal {
  const whole = record(body);
  if (!whole) return { shape: "text", ...(typeof body === "string" ? { words: short(body) } : {}) };
  const nested = record(whole.error);
  if (nested) return coded(nested, "nested");
  const named = text(whole.error);
  if (named) return { shape: "string", words: short(named) };
  if (text(whole.code)) return coded(whole, "flat");
  const msg = text(whole.msg);
  if (msg) return { shape: "msg", words: short(msg) };
  return { shape: "text" };
}

/** What an answer to a signed GET means for the key. */
export type KeyVerdict =
  | "accepted"
  | "unknown-key"
  | "pair-mismatch"
  | "clock"
  | "not-signed"
  | "restricted"
  | "rate-limited"
  | "moved"
  | "exchange-down"
  | "unexpected";

/**
 * The meaning of an answer, decided by status, `code` and `details` and never by `message`, whose text has changed
 * while they have not (facts/kalshi.md section 0).
 */
export function keyVerdict(answer: Pick<KalshiAnswer, "status" | "body">): KeyVerdict {
  const { status } = answer;
  if (status === 200) return record(answer.body) ? "accepted" : "unexpected";
  if (status === 429) return "rate-limited";
  if (status >= 500) return "exchange-down";
  const refusal = readRefusal(answer.body);
  if (status === 401 || status === 403) {
    if (refusal.code === "authentication_error") return byDetails(refusal.details ?? "");
    if (refusal.code === "header_timestamp_expired") return "clock";
    if (refusal.code === "token_authentication_failure") return "not-signed";
    if (refusal.code?.endsWith("_missing_from_headers")) return "not-signed";
    if (refusal.shape === "text" && /has been moved/i.test(refusal.words ?? "")) return "moved";
    // Any other refusal with a body of Kalshi's: the key was recognised, the call is not allowed to it.
    if (refusal.shape !== "text") return "restricted";
  }
  return "unexpected";
}

function byDetails(details: string): KeyVerdict {
  // Only ids of the right form are sent: what a later build calls an invalid parameter is one that it does not know.
  if (details.includes("NOT_FOUND") || details.includes("INVALID_PARAMETER")) return "unknown-key";
  if (details.includes("INCORRECT_API_KEY_SIGNATURE")) return "pair-mismatch";
  return "unexpected";
}
