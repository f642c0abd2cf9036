import { constants, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { KalshiKey } from "./kalshi.ts";

/** The path that is signed for a websocket: the same under every host. */
export const websocketPath = "/trade-api/ws/v2";

/** What Kalshi signs: time in milliseconds, method, path from the root without the query, nothing between. */
export function signedText(timestamp: number, method: "GET", path: string): string {
  return `${timestamp}${method}${path.split("?", 1)[0]}`;
}

const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** A signature as Kalshi verifies it, base64: RSA-PSS with SHA-256 and a salt of 32 bytes, or plain Ed25519. */
export function signText(privateKey: KeyObject, text: string): string {
  const bytes = Buffer.from(text);
  const signature =
    privateKey.asymmetricKeyType === "ed25519"
      ? sign(null, bytes, privateKey)
      : sign("sha256", bytes, { key: privateKey, ...padding });
  return signature.toString("base64");
}

/** True where the key signs and its own public half agrees: afterwards a refused signature is never our code's fault. */
export function signsAndVerifies(privateKey: KeyObject): boolean {
  const text = signedText(1_703_123_456_789, "GET", "/trade-api/v2/portfolio/balance");
  const signature = Buffer.from(signText(privateKey, text), "base64");
  const publicKey = createPublicKey(privateKey);
  return privateKey.asymmetricKeyType === "ed25519"
    ? verify(null, Buffer.from(text), publicKey, signature)
    : verify("sha256", Buffer.from(text), { key: publicKey, ...padding }, signature);
}

/**
 * The three headers of a signed request.
 * @param path from the root, as in "/trade-api/v2/portfolio/balance"; a query is left out of what is signed.
 * @param now milliseconds since the epoch by this machine's clock.
 */
export function signedHeaders(key: KalshiKey, path: string, now: number): Record<string, string> {
  return {
    "KALSHI-ACCESS-KEY": key.keyId,
    "KALSHI-ACCESS-TIMESTAMP": String(now),
    "KALSHI-ACCESS-SIGNATURE": signText(key.privateKey, signedText(now, "GET", path)),
  };
}
