import { createPrivateKey, type KeyObject } from "node:crypto";
import { isProblem } from "../problem.ts";
import { type Asn1Reading, readKeyBytes } from "./key/bytes.ts";
import { keyRefused } from "./key/refusals.ts";
import { type KeyText, readKeyText } from "./key/text.ts";

/** The smallest RSA key that Kalshi gives out (facts/kalshi.md section 2). */
const leastBits = 2048;

/** Fewer bytes than any RSA key of that size has; a shorter text is something else. */
const leastBytes = 600;

/** More than any private key needs; a longer text is a whole other file. */
const mostCharacters = 65_536;

/** A private key that REC.IO can sign with. Hold it in memory only. */
export interface ParsedKey {
  privateKey: KeyObject;
  /** Length of the modulus. */
  bits: number;
  /** What was wrong with the text and is put right, one sentence each. Empty where it was canonical. */
  healed: readonly string[];
}

function privateKeyOf(bytes: Buffer, reading: Asn1Reading): KeyObject | undefined {
  if (reading.kind !== "pkcs1" && reading.kind !== "pkcs8" && reading.kind !== "sec1") return undefined;
  try {
    return createPrivateKey({ key: bytes, format: "der", type: reading.kind });
  } catch {
    return undefined;
  }
}

function decrypted(text: KeyText, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: text.pem, format: "pem", passphrase });
  } catch {
    throw keyRefused("wrong-passphrase");
  }
}

function numberOf(base64url: string | undefined): bigint {
  return BigInt(`0x${Buffer.from(base64url ?? "", "base64url").toString("hex") || "0"}`);
}

/**
 * True where the numbers of an RSA key belong together. OpenSSL loads a key without looking, and even signs with one
 * whose prime is damaged; Python's cryptography refuses it when REC.IO starts.
 */
function isConsistent(key: KeyObject): boolean {
  const parts = key.export({ format: "jwk" });
  const [n, e, d, p, q] = [parts.n, parts.e, parts.d, parts.p, parts.q].map(numberOf);
  const [dp, dq, qi] = [parts.dp, parts.dq, parts.qi].map(numberOf);
  if (!n || !e || !d || !p || !q || !dp || !dq || !qi) return false;
  const one = 1n;
  return (
    p * q === n &&
    (d * e) % (p - one) === one &&
    (d * e) % (q - one) === one &&
    dp === d % (p - one) &&
    dq === d % (q - one) &&
    (qi * q) % p === one
  );
}

function fitForRecIo(key: KeyObject): { bits: number } {
  switch (key.asymmetricKeyType) {
    case "rsa": {
      const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
      if (bits < leastBits) throw keyRefused("too-short", { bits });
      if (!isConsistent(key)) throw keyRefused("damaged");
      return { bits };
    }
    case "ed25519":
      throw keyRefused("ed25519");
    case "ec":
      throw keyRefused("elliptic-curve");
    case "rsa-pss":
      throw keyRefused("rsa-pss");
    case "dsa":
      throw keyRefused("dsa");
    default:
      throw keyRefused("other-kind");
  }
}

function keyOf(text: KeyText, passphrase: string | undefined): KeyObject {
  if (text.encrypted) {
    if (passphrase === undefined) throw keyRefused("encrypted");
    return decrypted(text, passphrase);
  }
  const reading = readKeyBytes(text.bytes);
  const key = privateKeyOf(text.bytes, reading);
  if (key) return key;
  // Parameters, lists of revoked certificates and what else is framed like a key.
  if (text.label !== undefined && !/KEY|CERTIFICATE|PKCS|CMS/.test(text.label)) throw keyRefused("no-key-inside");
  if (text.withPluses) {
    const mended = privateKeyOf(text.withPluses, readKeyBytes(text.withPluses));
    if (mended) return mended;
  }
  // The bytes say more than the label does: a label is typed, moved and copied by people.
  switch (reading.kind) {
    case "encrypted":
      if (passphrase === undefined) throw keyRefused("encrypted");
      return decrypted({ ...text, pem: asEncryptedPem(text.bytes) }, passphrase);
    case "openssh":
      throw keyRefused("openssh");
    case "public":
      throw keyRefused("public-key");
    case "certificate":
      throw keyRefused("certificate");
    case "request":
      throw keyRefused("certificate-request");
    case "container":
      throw keyRefused("container");
    case "cut-off":
      throw keyRefused(text.ended ? "incomplete" : "cut-off");
    case "too-much":
      throw keyRefused("too-much");
    case "pkcs1":
    case "pkcs8":
    case "sec1":
      throw keyRefused("damaged");
    case "nothing-known":
      throw keyRefused(text.label === undefined ? (text.ended ? "incomplete" : "garbage") : inside(text));
  }
}

/** What stands between the lines of a label, and is nothing that is known. */
function inside({ label = "", bytes }: KeyText): "no-key-inside" | "damaged" {
  return label.endsWith("KEY") && bytes.length >= leastBytes ? "damaged" : "no-key-inside";
}

function asEncryptedPem(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines.join("\n")}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}

/**
 * Reads a Kalshi private key as people paste it: on one line, with `\n` written out, in quotes, indented, with smart
 * dashes, a wrong label or none. What can be put right is put right and named in `healed`.
 * @param text what was pasted or read from a file.
 * @param passphrase decrypts an encrypted key in memory.
 * @throws Problem `kalshi.key-…` where it is no key that REC.IO can sign with; the sentence holds no part of the text.
 */
export function parsePrivateKey(text: string, passphrase?: string): ParsedKey {
  if (text.length > mostCharacters) throw keyRefused("too-long");
  const read = readKeyText(text);
  const privateKey = keyOf(read, passphrase);
  const { bits } = fitForRecIo(privateKey);
  let reading = readKeyBytes(read.bytes);
  const healed = [...read.healed];
  if (reading.kind === "cut-off" && read.withPluses) {
    reading = readKeyBytes(read.withPluses);
    healed.push("Blanks stood where plus signs belong.");
  }
  if (read.encrypted || reading.kind === "encrypted") healed.push("The key was encrypted; it is decrypted in memory.");
  else if (read.label !== undefined && read.label !== (reading.kind === "pkcs1" ? "RSA PRIVATE KEY" : "PRIVATE KEY"))
    healed.push("The label did not fit the key.");
  return { privateKey, bits, healed };
}

/** True where the text is a key that REC.IO can sign with. */
export function isUsableKey(text: string): boolean {
  try {
    parsePrivateKey(text);
    return true;
  } catch (thrown) {
    if (isProblem(thrown)) return false;
    throw thrown;
  }
}

/**
 * The one form in which a key goes to disk: PKCS#1 PEM, unencrypted, as Kalshi itself gives it out. Both Node and
 * REC.IO's Python (`load_pem_private_key` of cryptography) read it.
 */
export function canonicalPem(key: Pick<ParsedKey, "privateKey"> | KeyObject): string {
  const privateKey = "privateKey" in key ? key.privateKey : key;
  return privateKey.export({ type: "pkcs1", format: "pem" }).toString();
}

export { normaliseKeyId } from "./key/key-id.ts";
