import { createPrivateKey, type JsonWebKey } from "node:crypto";
import { isProblem } from "../../problem.ts";
import { keyRefused } from "./refusals.ts";

/*
 * Forms of a key other than PEM. Each becomes PKCS#8 text, so that one path judges them all.
 */

/** A key that was read from another form, and what is said of it. */
export interface OtherForm {
  text: string;
  says: string;
}

function pemOf(key: JsonWebKey): string {
  return createPrivateKey({ key, format: "jwk" }).export({ type: "pkcs8", format: "pem" }).toString();
}

/** A JSON Web Key (RFC 7517), alone or the one private key of a set. */
function fromJsonWebKey(text: string): OtherForm | undefined {
  if (!/^\s*\{[\s\S]*"kty"/.test(text)) return undefined;
  try {
    const given = JSON.parse(text) as JsonWebKey & { keys?: JsonWebKey[] };
    const all = given.keys ?? [given];
    const keys = all.filter(({ d }) => d !== undefined);
    if (keys.length > 1) throw keyRefused("several-keys");
    const [key] = keys;
    if (!key) throw keyRefused(all.every(({ kty }) => kty === "oct") ? "other-kind" : "public-key");
    if (key.kty === "RSA" && [key.p, key.q, key.dp, key.dq, key.qi].includes(undefined)) throw keyRefused("incomplete");
    return { text: pemOf(key), says: "The key was in JSON form." };
  } catch (thrown) {
    if (isProblem(thrown)) throw thrown;
    throw keyRefused("damaged");
  }
}

const xmlParts = { n: "Modulus", e: "Exponent", p: "P", q: "Q", dp: "DP", dq: "DQ", qi: "InverseQ", d: "D" } as const;

/** The `RSAKeyValue` of XML signatures, as .NET writes keys. */
function fromXml(text: string): OtherForm | undefined {
  if (!/<RSAKeyValue\b/.test(text)) return undefined;
  const part = (tag: string) => new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1];
  const found = Object.entries(xmlParts).map(([name, tag]) => [name, part(tag)] as const);
  if (part("D") === undefined) throw keyRefused("public-key");
  if (found.some(([, value]) => value === undefined)) throw keyRefused("incomplete");
  const numbers = found.map(([name, value]) => [name, Buffer.from(value ?? "", "base64").toString("base64url")]);
  try {
    return { text: pemOf({ kty: "RSA", ...Object.fromEntries(numbers) }), says: "The key was in XML form." };
  } catch {
    throw keyRefused("damaged");
  }
}

/** Every text in a JSON value, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const keyLike = /BEGIN[\s\S]*KEY|^[\sA-Za-z0-9+/_=-]{400,}$/;

/** The one text of a JSON value that looks like a key, or its lines as an array of strings. */
function fromJson(text: string): OtherForm | undefined {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const says = "The key was in JSON form.";
  const texts = textsIn(value);
  if (Array.isArray(value) && texts.length === value.length && texts.some((line) => /-BEGIN/.test(line)))
    return { text: texts.map((line) => line.replace(/\n$/, "")).join("\n"), says };
  const alike = [...new Set(texts.filter((one) => keyLike.test(one)))];
  const secret = alike.filter((one) => !/PUBLIC KEY|CERTIFICATE/.test(one));
  const [only] = secret.length > 0 ? secret : alike;
  if (secret.length > 1) throw keyRefused("several-keys");
  return only === undefined ? undefined : { text: only, says };
}

/** The bytes of a key, two digits each with colons between, as openssl and certificate viewers show them. */
function fromDigits(text: string): OtherForm | undefined {
  const digits = text.trim();
  if (!/^30:82:(?:[0-9a-f]{2}[:\s]+)+[0-9a-f]{2}$/i.test(digits)) return undefined;
  return {
    text: Buffer.from(digits.replace(/[:\s]/g, ""), "hex").toString("base64"),
    says: "The key was written in digits.",
  };
}

/**
 * The text of a key that is in another form than PEM, or undefined where it is none of them.
 * @throws Problem `kalshi.key-…` where it is one, and holds no private key that could be read
 */
export function fromOtherForm(text: string): OtherForm | undefined {
  return fromJsonWebKey(text) ?? fromXml(text) ?? fromJson(text) ?? fromDigits(text);
}

/**
 * The text of a file that should hold a key. Bytes of ASN.1 (a file with the ending .der or .p12) are no text: they come
 * out in base64, so that what they are can be told, and so does UTF-16 in letters.
 */
export function keyFileText(bytes: Buffer): string {
  if (bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80) return bytes.toString("base64");
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return `\uFEFF${bytes.toString("utf16le", 2)}`;
  if (bytes[0] === 0xfe && bytes[1] === 0xff && bytes.length % 2 === 0)
    return Buffer.from(bytes).swap16().toString("utf16le");
  return bytes.toString("utf8");
}
