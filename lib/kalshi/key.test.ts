import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { expect, test } from "playwright/test";
import { isProblem, type Problem } from "../problem.ts";
import { keyRefusals } from "./key/refusals.ts";
import { sampleKeys } from "./key/samples.ts";
import { canonicalPem, parsePrivateKey } from "./key.ts";

const { rsa, pkcs1, pkcs8, letters } = sampleKeys();
const lines = pkcs8.trim().split("\n");
const body = lines.slice(1, -1).join("\n");
const encryptedPkcs8 = rsa
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" })
  .toString();
const encryptedLegacy = rsa
  .export({ type: "pkcs1", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" })
  .toString();
const ed25519 = generateKeyPairSync("ed25519").privateKey;
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey;
const other = generateKeyPairSync("x25519").privateKey;
const pem = (key: typeof rsa) => key.export({ type: "pkcs8", format: "pem" }).toString();
const sec1 = elliptic.export({ type: "sec1", format: "pem" }).toString();
const publicPem = (type: "spki" | "pkcs1") => createPublicKey(rsa).export({ type, format: "pem" }).toString();
const uuid = "a952bcbe-ec3b-4b5b-b8f9-11dae589608c";
const openssh = `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from(`openssh-key-v1\0${"x".repeat(300)}`).toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
// The outer structure of RFC 5280 and RFC 2986; the product looks no deeper.
const der = (tag: number, ...parts: Buffer[]) => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, 0x82, content.length >> 8, content.length & 255]), content]);
};
const number = Buffer.from([2, 1, 0]);
const certificateBytes = der(
  0x30,
  der(0x30, der(0xa0, number), number, der(0x30)),
  der(0x30),
  der(0x03, Buffer.alloc(99)),
);
const requestBytes = der(0x30, der(0x30, number, der(0x30, der(0x31))), der(0x30), der(0x03, Buffer.alloc(99)));
const armoured = (label: string, bytes: Buffer) =>
  `-----BEGIN ${label}-----\n${bytes.toString("base64")}\n-----END ${label}-----\n`;

/** A key that OpenSSL still loads and signs with, and that Python refuses: its first prime is another. */
function withOneNumberChanged(): string {
  const bytes = Buffer.from(letters, "base64");
  const parts = rsa.export({ format: "jwk" });
  const at = bytes.indexOf(Buffer.from(parts.p ?? "", "base64url"));
  bytes[at + 40] = (bytes[at + 40] ?? 0) ^ 1;
  return armoured("PRIVATE KEY", bytes);
}

const healed: readonly [what: string, text: string, says: RegExp | undefined][] = [
  ["PKCS#1 as Kalshi gives it", pkcs1, undefined],
  ["PKCS#8", pkcs8, undefined],
  ["no line break at the end", pkcs8.trim(), undefined],
  ["Windows line ends", pkcs8.replaceAll("\n", "\r\n"), undefined],
  ["blank lines around and between", `\n\n${lines.join("\n\n")}\n\n`, undefined],
  ["on one line", lines.join(" "), /on one line/],
  ["on one line without blanks", lines.join(""), /on one line/],
  ["escaped line breaks", pkcs1.replaceAll("\n", "\\n"), /written out/],
  ["escaped Windows line breaks", pkcs1.replaceAll("\n", "\\r\\n"), /written out/],
  ["in double quotes", `"${pkcs8}"`, /quotation marks/],
  ["in single quotes", `'${pkcs8.trim()}'`, /quotation marks/],
  ["in typographic quotes", `“${pkcs8.trim()}”`, /quotation marks/],
  ["in backticks", `\`${pkcs8}\``, /quotation marks/],
  ["quoted with escaped line breaks and a comma", `"${pkcs8.replaceAll("\n", "\\n")}",`, /quotation marks/],
  ["indented", lines.map((line) => `    ${line}`).join("\n"), /indented/],
  ["a byte order mark", `\uFEFF${pkcs8}`, /byte order mark/],
  ["zero-width characters", pkcs8.replaceAll("M", "\u200BM"), /Invisible/],
  ["no-break spaces", lines.join("\u00A0"), /Unusual blanks/],
  ["typographic dashes", pkcs8.replaceAll("-----", "–––––"), /typographic/],
  ["one long dash for two", pkcs8.replaceAll("-----", "——-"), /typographic/],
  ["label RSA over PKCS#8", pkcs8.replaceAll("PRIVATE KEY", "RSA PRIVATE KEY"), /label/],
  ["label PKCS#8 over PKCS#1", pkcs1.replaceAll("RSA PRIVATE KEY", "PRIVATE KEY"), /label/],
  ["label EC over RSA", pkcs1.replaceAll("RSA PRIVATE KEY", "EC PRIVATE KEY"), /label/],
  ["label PUBLIC over a private key", pkcs8.replaceAll("PRIVATE KEY", "PUBLIC KEY"), /label/],
  ["no header at all", body, /BEGIN and END lines/],
  ["letters alone on one line", letters, /BEGIN and END lines/],
  ["header without dashes", `BEGIN PRIVATE KEY\n${body}\nEND PRIVATE KEY`, /BEGIN and END lines/],
  ["missing END line", lines.slice(0, -1).join("\n"), /END line/],
  ["END line cut short", `${lines.slice(0, -1).join("\n")}\n-----END PRIV`, /END line/],
  ["missing BEGIN line", lines.slice(1).join("\n"), /BEGIN and END lines/],
  ["behind the name of a setting", `KALSHI_PRIVATE_KEY="${pkcs1.replaceAll("\n", "\\n")}"`, /setting/],
  ["exported in a shell", `export KALSHI_PRIVATE_KEY='${pkcs1}'`, /setting/],
  ["a block of YAML", `private_key: |\n${lines.map((line) => `  ${line}`).join("\n")}`, /setting/],
  ["quoted in a mail", lines.map((line) => `> ${line}`).join("\n"), /mail/],
  ["a code block", `\`\`\`pem\n${pkcs8}\`\`\``, /code block/],
  ["URL-safe letters", letters.replaceAll("+", "-").replaceAll("/", "_"), /BEGIN and END lines/],
  ["behind a certificate", `${armoured("CERTIFICATE", certificateBytes)}${pkcs8}`, undefined],
  ["with attributes before it", `Bag Attributes\n    friendlyName: k\n${pkcs8}`, /indented/],
  ["a JSON Web Key", JSON.stringify(rsa.export({ format: "jwk" })), /JSON/],
];

const refused: readonly [what: string, text: string, code: string][] = [
  ["nothing", "", "empty"],
  ["blanks and quotes", '  "" \n', "empty"],
  ["Ed25519", pem(ed25519), "ed25519"],
  ["Ed25519 on one line without header", pem(ed25519).replace(/-----[^-]+-----|\n/g, ""), "ed25519"],
  ["Ed25519 under an RSA label", pem(ed25519).replaceAll("PRIVATE", "RSA PRIVATE"), "ed25519"],
  ["EC in SEC 1", sec1, "elliptic-curve"],
  ["EC in PKCS#8", pem(elliptic), "elliptic-curve"],
  ["RSA of 1024 bits", pem(short), "too-short"],
  ["RSA-PSS by type", pem(pss), "rsa-pss"],
  ["X25519", pem(other), "other-kind"],
  ["encrypted PKCS#8", encryptedPkcs8, "encrypted"],
  ["encrypted the old way", encryptedLegacy, "encrypted"],
  ["encrypted without header", encryptedPkcs8.replace(/-----[^-]+-----|\n/g, ""), "encrypted"],
  ["OpenSSH", openssh, "openssh"],
  ["PuTTY", "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "putty"],
  ["PGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQdGBF\n-----END PGP PRIVATE KEY BLOCK-----", "pgp"],
  ["public key", publicPem("spki"), "public-key"],
  ["public RSA key", publicPem("pkcs1"), "public-key"],
  ["public JSON Web Key", JSON.stringify(createPublicKey(rsa).export({ format: "jwk" })), "public-key"],
  ["public SSH key", `ssh-rsa ${letters.slice(0, 200)} me@home`, "ssh-public-key"],
  ["certificate", armoured("CERTIFICATE", certificateBytes), "certificate"],
  ["request for a certificate", armoured("CERTIFICATE REQUEST", requestBytes), "certificate-request"],
  [
    "REC.IO's placeholder",
    "-----BEGIN PRIVATE KEY-----\nPLACEHOLDER_KEY_FOR_NEW_INSTALLATION\n-----END PRIVATE KEY-----",
    "placeholder",
  ],
  ["the key id", uuid, "is-key-id"],
  ["the key id in quotes", ` "${uuid}" `, "is-key-id"],
  ["a path", "~/Downloads/kalshi-key.txt", "is-path"],
  ["a web page", "<!DOCTYPE html><html><body>Kalshi</body></html>", "web-page"],
  ["words", "my secret key", "garbage"],
  ["one word", "sk_live_51Hxxxxxxxxxxxxxxxxxxxx", "garbage"],
  ["a binary file", "\u0000\u0001\u0002\uFFFD0\uFFFD", "binary"],
  ["half a key", pkcs8.slice(0, 900), "cut-off"],
  ["a header alone", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "cut-off"],
  ["two keys", pkcs8 + pkcs1, "several-keys"],
  [
    "one key twice in one block",
    armoured("PRIVATE KEY", Buffer.concat([Buffer.from(letters, "base64"), Buffer.from(letters, "base64")])),
    "too-much",
  ],
  ["a letter of another alphabet", pkcs8.replace("M", "М"), "foreign-characters"],
  ["letters overwritten", armoured("PRIVATE KEY", Buffer.from(letters, "base64").fill(7, 40, 120)), "damaged"],
  ["one number overwritten, all else whole", withOneNumberChanged(), "damaged"],
  [
    "a header around anything",
    armoured("PRIVATE KEY", Buffer.from("nothing of the kind, only words that look like it")),
    "damaged",
  ],
  ["a whole book", "x".repeat(70_000), "too-long"],
];

function problemOf(text: string, passphrase?: string): Problem {
  try {
    parsePrivateKey(text, passphrase);
  } catch (thrown) {
    if (isProblem(thrown)) return thrown;
    throw thrown;
  }
  throw new Error("this text was taken as a key");
}

test.describe("A key as people paste it is put right and named", () => {
  for (const [what, text, says] of healed) {
    test(what, () => {
      const key = parsePrivateKey(text);
      expect(canonicalPem(key)).toBe(pkcs1);
      expect(key.bits).toBe(2048);
      if (says) expect(key.healed.join(" ")).toMatch(says);
      else expect(key.healed).toEqual([]);
    });
  }
});

test.describe("A text that is no key for REC.IO is refused by its name", () => {
  for (const [what, text, code] of refused) {
    test(what, () => {
      const problem = problemOf(text);
      expect(problem.code).toBe(`kalshi.key-${code}`);
      expect(problem.remedy).toBeDefined();
      expect(leakedParts(text, `${problem.says} ${JSON.stringify(problem.remedy)}`)).toEqual([]);
    });
  }
});

/** Every run of twelve characters of the key's letters that also stands in a sentence. */
function leakedParts(text: string, sentence: string): string[] {
  const lettersOnly = text.replace(/-+[^-\n]+-+/g, "").replace(/\s+/g, "");
  const parts: string[] = [];
  for (let at = 0; at + 12 <= Math.min(lettersOnly.length, 4000); at += 1) {
    const part = lettersOnly.slice(at, at + 12);
    if (sentence.replace(/\s+/g, "").includes(part)) parts.push(part);
  }
  return parts;
}

test("No two causes share a sentence", () => {
  const sentences = Object.values(keyRefusals).map(([says]) => says);
  expect(new Set(sentences).size).toBe(sentences.length);
});

test("An encrypted key opens with its passphrase, in memory", () => {
  for (const text of [encryptedPkcs8, encryptedLegacy, encryptedLegacy.replaceAll("\n", "\\n")]) {
    const key = parsePrivateKey(text, "open sesame");
    expect(canonicalPem(key)).toBe(pkcs1);
    expect(key.healed.join(" ")).toContain("decrypted in memory");
    expect(problemOf(text, "wrong").code).toBe("kalshi.key-wrong-passphrase");
  }
});
