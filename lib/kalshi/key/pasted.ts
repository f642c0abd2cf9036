import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { sampleKeys } from "./samples.ts";

/*
 * What people paste into the field of the private key, for tests: one row a text. The keys are made for each run.
 */

const own = sampleKeys();
const { rsa, pkcs1, pkcs8, letters } = own;
/** The key that is in every healed text, in the forms in which people hold it. */
export const ownKey = own;
/** The key that is in every healed text, in its one canonical form. */
export const canonical = pkcs1;
const keyId = "a952bcbe-ec3b-4b5b-b8f9-11dae589608c";
const oneLine = pkcs1.replace(/-----[^-]+-----|\n/g, "");
const wide = (text: string) => Buffer.from(text, "utf16le");
const lines = pkcs8.trim().split("\n");
const body = lines.slice(1, -1).join("\n");
export const encryptedPkcs8 = rsa
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" })
  .toString();
export const encryptedLegacy = rsa
  .export({ type: "pkcs1", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" })
  .toString();
const ed25519 = generateKeyPairSync("ed25519").privateKey;
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey;
const other = generateKeyPairSync("x25519").privateKey;

/** A form's body read without decoding it: every plus sign of the letters is a blank. */
function plusesLost(): string {
  return [lines[0], ...lines.slice(1, -1).map((line) => line.replaceAll("+", " ")), lines.at(-1)].join("\n");
}

function twoWebKeys(): string {
  return JSON.stringify({ keys: [rsa.export({ format: "jwk" }), short.export({ format: "jwk" })] });
}

const pem = (key: typeof rsa) => key.export({ type: "pkcs8", format: "pem" }).toString();
const sec1 = elliptic.export({ type: "sec1", format: "pem" }).toString();
const publicPem = (type: "spki" | "pkcs1") => createPublicKey(rsa).export({ type, format: "pem" }).toString();
const openssh = `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from(`openssh-key-v1\0${"x".repeat(300)}`).toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
// The outer structure of RFC 5280 and RFC 2986; the product looks no deeper.
const der = (tag: number, ...parts: Buffer[]) => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, 0x82, content.length >> 8, content.length & 255]), content]);
};
const number = Buffer.from([2, 1, 0]);
const version3 = Buffer.from([2, 1, 3]);
const contentType = Buffer.from([6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]);
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

/** Texts in which REC.IO's key is, what is wrong with each, and what is said of it; undefined where there is nothing to say. */
export const healed: readonly [what: string, text: string, says: RegExp | undefined][] = [
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
  ["behind a certificate", `${armoured("CERTIFICATE", certificateBytes)}${pkcs8}`, /around/],
  ["with attributes before it", `Bag Attributes\n    friendlyName: k\n${pkcs8}`, /around/],
  ["old Macintosh line ends", pkcs8.replaceAll("\n", "\r"), undefined],
  ["Windows line ends in the middle of Unix ones", pkcs8.replace("\n", "\r\n"), undefined],
  ["vertical tabs for line breaks", pkcs8.replaceAll("\n", "\v"), undefined],
  ["line separators of Unicode", pkcs8.replaceAll("\n", "\u2028"), undefined],
  ["no-break spaces as indentation", lines.map((line) => `\u00A0\u00A0${line}`).join("\n"), /Unusual blanks/],
  ["in JSON", JSON.stringify({ id: keyId, private_key: pkcs8 }), /JSON form/],
  ["in JSON that escapes slashes", JSON.stringify({ key: pkcs1 }).replaceAll("/", "\\/"), /JSON form/],
  [
    "in JSON that escapes plus and equals",
    JSON.stringify({ key: pkcs1 }).replaceAll("+", "\\u002b").replaceAll("=", "\\u003d"),
    /as in JSON/,
  ],
  ["line breaks that were escaped twice", pkcs1.replaceAll("\n", "\\\\n"), /written out/],
  ["a whole .env file", `A=1\nKALSHI_API_KEY_ID=${keyId}\nKALSHI_PRIVATE_KEY="${pkcs1}"\nB=2\n`, /around/],
  ["a line of .env without quotes", `KALSHI_KEY=${pkcs1.replaceAll("\n", "\\n")}`, /written out/],
  ["a line of .env with the letters alone", `KALSHI_KEY="${oneLine}"`, /BEGIN and END lines/],
  ["a line of PowerShell", `$env:KALSHI_KEY = "${pkcs1}"`, /quotation marks/],
  ["a list of Docker's", `- KALSHI_KEY=${pkcs1.replaceAll("\n", "\\n")}`, /written out/],
  ["a text of TOML", `private_key = """\n${pkcs1}"""`, /setting/],
  ["a cell of a table file", `id,key\n${keyId},"${pkcs1}"`, /quotation marks/],
  ["PKCS#1 letters alone", oneLine, /BEGIN and END lines/],
  ["letters in lines of 76", letters.match(/.{1,76}/g)?.join("\r\n") ?? "", /BEGIN and END lines/],
  ["the same key twice", pkcs8 + pkcs8, /twice/],
  ["after a command and before a prompt", `$ cat key.pem\n${pkcs8}root@host:~# `, /around/],
  ["a prompt at its end", `${pkcs8}$ `, /around/],
  ["a terminal's colours", `\u001b[32m${pkcs8}\u001b[0m`, /terminal/],
  ["a NUL at the end", `${pkcs8}\0`, /terminal/],
  ["UTF-16 of Windows", wide(`\uFEFF${pkcs8}`).toString("utf8"), /UTF-16/],
  ["UTF-16 without its mark", wide(pkcs8).toString("utf8"), /UTF-16/],
  ["UTF-16, the other way round", wide(`\uFEFF${pkcs8}`).swap16().toString("utf8"), /UTF-16/],
  ["entities of HTML", pkcs8.replaceAll("+", "&#43;").replaceAll("=", "&#x3D;").replaceAll("\n", "<br>\n"), /web page/],
  ["inside a web page", `<html><body><pre>${pkcs8}</pre></body></html>`, /web page/],
  ["encoded for an address", encodeURIComponent(pkcs8), /for an address/],
  ["encoded as a form", encodeURIComponent(pkcs8).replaceAll("%20", "+"), /for an address/],
  ["written for mail", pkcs8.replaceAll("=", "=3D").replace("\n", "=20\n"), /for mail/],
  ["plus signs that became blanks", plusesLost(), /plus signs/],
  ["base64 around the whole", Buffer.from(pkcs8).toString("base64"), /once more/],
  ["base64 around the whole, as a setting", `KEY=${Buffer.from(pkcs1).toString("base64")}`, /once more/],
  ["hexadecimal", rsa.export({ type: "pkcs8", format: "der" }).toString("hex"), /BEGIN and END lines/],
  ["numbered lines", lines.map((line, at) => `${String(at + 1).padStart(6)}\t${line}`).join("\n"), /numbered/],
  ["a comparison of files", lines.map((line) => `+${line}`).join("\n"), /plus or a minus/],
  ["strings of Python", `key = (${lines.map((line) => `    "${line}\\n"`).join("\n")})`, /string of a program/],
  ["strings of JavaScript", lines.map((line) => `'${line}\\n' +`).join("\n"), /string of a program/],
  ["lines continued with a backslash", lines.join("\\\n"), /Backslashes/],
  ["a list", lines.map((line) => `- ${line}`).join("\n"), /sign stood/],
  ["a table", lines.map((line) => `| ${line} |`).join("\n"), /sign stood/],
  ["a comment", lines.map((line) => `# ${line}`).join("\n"), /sign stood/],
  ["four dashes", pkcs8.replaceAll("-----", "----"), /misspelt/],
  ["no blank in the label", pkcs8.replaceAll("PRIVATE KEY", "PRIVATEKEY"), /misspelt/],
  ["no blank anywhere", pkcs1.replace(/\s/g, ""), /misspelt/],
  ["small letters in the label", pkcs8.replaceAll("PRIVATE KEY", "private key"), /misspelt/],
  ["the first dash missed", pkcs8.slice(1), /misspelt/],
  ["letters of double width in the label", pkcs8.replaceAll("KEY", "ＫＥＹ"), /double width/],
  ["a comment inside", pkcs1.replace("-----\n", "-----\nComment: mine\n\n"), /comment/],
  ["written from right to left", `\u202E${pkcs8}\u202C`, /Invisible/],
  ["behind its id", `${keyId}\n${pkcs8}`, /around/],
  ["behind its public half", `${publicPem("spki")}${pkcs8}`, /around/],
  ["a set of JSON Web Keys", JSON.stringify({ keys: [rsa.export({ format: "jwk" })] }), /JSON/],
  ["a JSON Web Key", JSON.stringify(rsa.export({ format: "jwk" })), /JSON/],
];

/** Texts that are no key for REC.IO, and the code of the refusal. */
export const refused: readonly [what: string, text: string, code: string][] = [
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
  ["the key id", keyId, "is-key-id"],
  ["the key id in quotes", ` "${keyId}" `, "is-key-id"],
  ["a path", "~/Downloads/kalshi-key.txt", "is-path"],
  ["a web page", "<!DOCTYPE html><html><body>Kalshi</body></html>", "web-page"],
  ["words", "my secret key", "garbage"],
  ["one word", "sk_live_51Hxxxxxxxxxxxxxxxxxxxx", "garbage"],
  ["a binary file", "\u0000\u0001\u0002\uFFFD0\uFFFD", "binary"],
  ["half a key", pkcs8.slice(0, 900), "cut-off"],
  ["a header alone", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "nothing-inside"],
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
    "no-key-inside",
  ],
  ["a line lost in the middle", [...lines.slice(0, 5), ...lines.slice(6)].join("\n"), "incomplete"],
  ["one letter lost", pkcs8.slice(0, 500) + pkcs8.slice(501), "incomplete"],
  ["one letter changed", `${pkcs8.slice(0, 500)}${pkcs8[500] === "A" ? "B" : "A"}${pkcs8.slice(501)}`, "damaged"],
  ["two lines exchanged", [...lines.slice(0, 3), lines[4], lines[3], ...lines.slice(5)].join("\n"), "damaged"],
  ["capitals alone", pkcs8.toUpperCase(), "case-lost"],
  ["two different keys in two forms", pkcs8 + pem(short), "several-keys"],
  ["a set of two JSON Web Keys", twoWebKeys(), "several-keys"],
  ["an Ed25519 JSON Web Key", JSON.stringify(ed25519.export({ format: "jwk" })), "ed25519"],
  ["an elliptic JSON Web Key", JSON.stringify(elliptic.export({ format: "jwk" })), "elliptic-curve"],
  ["stars for letters", "-----BEGIN RSA PRIVATE KEY-----\n*****\n-----END RSA PRIVATE KEY-----", "hidden"],
  ["dots of a password field", "••••••••••••", "hidden"],
  ["three dots", "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----", "hidden"],
  ["a manual's example", "-----BEGIN RSA PRIVATE KEY-----\nYOUR_KEY_HERE\n-----END RSA PRIVATE KEY-----", "example"],
  ["a template's variable", "{{ KALSHI_PRIVATE_KEY }}", "example"],
  ["what a program prints for nothing", "undefined", "program-word"],
  ["what a program prints for a thing", "[object Object]", "program-word"],
  ["an e-mail address", "me@example.org", "is-email"],
  ["an address of Kalshi's", "https://kalshi.com/account/profile", "is-address"],
  ["REC.IO's kalshi-auth.txt", `email:me@example.org\nkey:${keyId}\n`, "is-key-id"],
  ["a word processor's document", "{\\rtf1\\ansi -----BEGIN PRIVATE KEY-----}", "rich-text"],
  ["a packed document", "PK\u0003\u0004\u0014", "binary"],
  ["PKCS#7", armoured("PKCS7", der(0x30, contentType, der(0xa0, number))), "container"],
  [
    "PKCS#12 as letters",
    der(0x30, version3, der(0x30, contentType, der(0xa0, number))).toString("base64"),
    "container",
  ],
  [
    "an SSH2 public key",
    "---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2E=\n---- END SSH2 PUBLIC KEY ----",
    "ssh-public-key",
  ],
  ["an older PuTTY key", "PuTTY-User-Key-File-2: ssh-rsa\r\nEncryption: none\r\n", "putty"],
  ["a whole book", "x".repeat(70_000), "too-long"],
];
