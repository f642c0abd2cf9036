import { constants, verify } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { jsonReply, type Reply } from "../stand-in.ts";
import type { ExchangeState, RegisteredKey } from "./state.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Kalshi's nested error body. */
export function refusedWith(status: number, code: string, message: string, details?: string): Reply {
  return jsonReply({ error: { code, message, ...(details === undefined ? {} : { details }) } }, status);
}

export interface Signed {
  method: string;
  /** From the root, without the query. */
  path: string;
  headers: IncomingHttpHeaders;
}

function one(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

function authenticationError(state: ExchangeState, details: string): Reply {
  const message = state.laterMessage ? "We could not authenticate your request" : "authentication_error";
  const told = state.rpcDetails ? `rpc error: code = Unauthenticated desc = ${details}` : details;
  return refusedWith(401, "authentication_error", message, told);
}

function verifies(key: RegisteredKey, text: string, signature: Buffer, strictSalt: boolean): boolean {
  const bytes = Buffer.from(text);
  if (key.publicKey.asymmetricKeyType === "ed25519") return verify(null, bytes, key.publicKey, signature);
  const saltLength = strictSalt ? constants.RSA_PSS_SALTLEN_DIGEST : constants.RSA_PSS_SALTLEN_AUTO;
  return verify(
    "sha256",
    bytes,
    { key: key.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
    signature,
  );
}

/**
 * The checks of a private route in Kalshi's order as far as it is known (facts/kalshi.md section 7, rows 1 to 8). The
 * signature is verified for real.
 */
export function authenticate(
  signed: Signed,
  keys: ReadonlyMap<string, RegisteredKey>,
  state: ExchangeState,
  serverTime: number,
): { key: RegisteredKey } | { refusal: Reply } {
  const keyId = one(signed.headers, "kalshi-access-key");
  const signature = one(signed.headers, "kalshi-access-signature");
  const timestamp = one(signed.headers, "kalshi-access-timestamp");
  if (keyId === "")
    return { refusal: refusedWith(401, "token_authentication_failure", "token authentication failure") };
  const missing = (name: string) =>
    refusedWith(401, `${name}_is_missing_from_headers`, `${name} is missing from headers`);
  if (signature === "") return { refusal: missing("signature") };
  if (timestamp === "") return { refusal: missing("timestamp") };
  const past = serverTime - Number(timestamp);
  if (!/^\d+$/.test(timestamp) || past > state.skewPastMs || -past > state.skewFutureMs) {
    return { refusal: refusedWith(401, "header_timestamp_expired", "header timestamp expired") };
  }
  if (!uuid.test(keyId)) return { refusal: authenticationError(state, "INVALID_PARAMETER") };
  const key = keys.get(keyId.toLowerCase());
  if (!key) return { refusal: authenticationError(state, state.unknownAsInvalid ? "INVALID_PARAMETER" : "NOT_FOUND") };
  const text = `${timestamp}${signed.method}${signed.path}`;
  if (!verifies(key, text, Buffer.from(signature, "base64"), state.strictSalt)) {
    return { refusal: authenticationError(state, "INCORRECT_API_KEY_SIGNATURE") };
  }
  return { key };
}

/** Rows 9 to 11: the fence of a sub-account, the scope, the tokens. Undefined where the call is allowed. */
export function refusedTo(
  key: RegisteredKey,
  needs: { scope: string; wholeAccount?: boolean; cost: number },
  state: ExchangeState,
  serverTime: number,
): Reply | undefined {
  if (needs.wholeAccount && key.subaccount !== undefined) {
    const message = "this API key is restricted to a single sub-account and cannot access this endpoint";
    return refusedWith(state.restrictedAs401 ? 401 : 403, "restricted_api_key", message);
  }
  const [parent = ""] = needs.scope.split("::");
  if (!key.scopes.includes(needs.scope) && !key.scopes.includes(parent)) {
    return refusedWith(403, "insufficient_scope", "insufficient scope");
  }
  const kind = parent === "write" ? "write" : "read";
  const [aSecond, most] =
    kind === "write" ? [state.writeTokens, state.writeTokens] : [state.readTokens, state.readTokens * 2];
  const last = key.buckets[kind];
  // A clock that was set back has let no time pass.
  const passedMs = last ? Math.max(0, serverTime - last.at) : 0;
  const tokens = last ? Math.min(most, last.tokens + (passedMs / 1000) * aSecond) : most;
  const enough = tokens >= needs.cost;
  key.buckets[kind] = { tokens: enough ? tokens - needs.cost : tokens, at: serverTime };
  if (!enough) return jsonReply({ error: "too many requests" }, 429);
  return undefined;
}
