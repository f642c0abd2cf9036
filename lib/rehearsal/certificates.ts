import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** Certificates for one run: an authority whose private key is forgotten, and one leaf for all names. PEM. */
export interface RunCertificates {
  authority: string;
  certificate: string;
  /** The leaf's private key. Kept in memory only. */
  key: string;
}

const day = 86_400_000;

/** DER of one element: tag, length, content. */
function element(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const digits = content.length.toString(16);
  const length = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

const sequence = (...parts: Buffer[]) => element(0x30, ...parts);
const octets = (content: Buffer) => element(0x04, content);
const bits = (content: Buffer, unused = 0) => element(0x03, Buffer.from([unused]), content);
const text = (words: string) => element(0x0c, Buffer.from(words));
const yes = element(0x01, Buffer.from([0xff]));

/** An object identifier in dotted form (X.690 section 8.19). */
function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift(0x80 | (left & 0x7f));
    bytes.push(...groups);
  }
  return element(0x06, Buffer.from(bytes));
}

/** A positive number from random bytes. */
function serial(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return element(0x02, bytes);
}

function generalizedTime(time: number): Buffer {
  const digits = new Date(time).toISOString().replace(/[-:T]/g, "").slice(0, 14);
  return element(0x18, Buffer.from(`${digits}Z`));
}

const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));
const nameOf = (words: string) => sequence(element(0x31, sequence(objectId("2.5.4.3"), text(words))));
const extension = (id: string, critical: boolean, value: Buffer) =>
  sequence(objectId(id), ...(critical ? [yes] : []), octets(value));

function publicBytes(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

/** Identifier of a key as RFC 5280 section 4.2.1.2 proposes; strict verifiers want it in both certificates. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha1").update(publicBytes(key)).digest();
}

interface ToBeSigned {
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  issuerKey: KeyObject;
  extensions: Buffer[];
  now: number;
}

function signedCertificate({ subject, issuer, publicKey, issuerKey, extensions, now }: ToBeSigned): string {
  const body = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    serial(),
    ecdsaWithSha256,
    nameOf(issuer),
    sequence(generalizedTime(now - day), generalizedTime(now + 30 * day)),
    nameOf(subject),
    publicBytes(publicKey),
    element(0xa3, sequence(...extensions)),
  );
  const der = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, issuerKey)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/**
 * Makes an authority and a certificate for these names, valid from yesterday for thirty days. Written in DER by hand:
 * Node has no way to sign certificates, and the openssl program is another one on every system.
 */
export function runCertificates(names: readonly string[], now = Date.now()): RunCertificates {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const leaf = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const authorityName = "REC.IO Setup rehearsal authority";
  const authorityId = keyIdentifier(authority.publicKey);
  const ofAuthority = extension("2.5.29.35", false, sequence(element(0x80, authorityId)));
  const common = { issuer: authorityName, issuerKey: authority.privateKey, now };
  return {
    authority: signedCertificate({
      ...common,
      subject: authorityName,
      publicKey: authority.publicKey,
      extensions: [
        extension("2.5.29.19", true, sequence(yes)),
        // keyCertSign and cRLSign.
        extension("2.5.29.15", true, bits(Buffer.from([0x06]), 1)),
        extension("2.5.29.14", false, octets(authorityId)),
        ofAuthority,
      ],
    }),
    certificate: signedCertificate({
      ...common,
      subject: names[0] ?? "localhost",
      publicKey: leaf.publicKey,
      extensions: [
        extension("2.5.29.19", true, sequence()),
        // digitalSignature.
        extension("2.5.29.15", true, bits(Buffer.from([0x80]), 7)),
        extension("2.5.29.37", false, sequence(objectId("1.3.6.1.5.5.7.3.1"))),
        extension("2.5.29.17", false, sequence(...names.map((name) => element(0x82, Buffer.from(name))))),
        extension("2.5.29.14", false, octets(keyIdentifier(leaf.publicKey))),
        ofAuthority,
      ],
    }),
    key: leaf.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
