import { generateKeyPairSync } from "node:crypto";
import { encryptedLegacy, ownKey } from "./pasted.ts";

/*
 * The same key as it comes out of programs, viewers, mails and files of other kinds, for tests: one row a text.
 */

const { rsa, pkcs1, pkcs8, letters } = ownKey;
const lines = pkcs1.trim().split("\n");
const pkcs8Lines = pkcs8.trim().split("\n");
const web = rsa.export({ format: "jwk" });
const der = rsa.export({ type: "pkcs8", format: "der" });
const ed25519 = generateKeyPairSync("ed25519").privateKey;
const keyId = "a952bcbe-ec3b-4b5b-b8f9-11dae589608c";

const framed = (label: string, text: string) => `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
const base64 = (text: string | undefined) => Buffer.from(text ?? "", "base64url").toString("base64");

/** As .NET writes keys. */
const xml = `<RSAKeyValue><Modulus>${base64(web.n)}</Modulus><Exponent>${base64(web.e)}</Exponent><P>${base64(web.p)}</P><Q>${base64(web.q)}</Q><DP>${base64(web.dp)}</DP><DQ>${base64(web.dq)}</DQ><InverseQ>${base64(web.qi)}</InverseQ><D>${base64(web.d)}</D></RSAKeyValue>`;

export const healedElsewhere: readonly [what: string, text: string, says: RegExp | undefined][] = [
  ["a JSON Web Key in lines", JSON.stringify(web, null, 2), /JSON form/],
  ["a JSON Web Key behind a byte order mark", `\uFEFF${JSON.stringify(web, null, "\t")}\r\n`, /JSON form/],
  ["a JSON array of lines", JSON.stringify(lines), /JSON form/],
  ["a JSON array of lines with their breaks", JSON.stringify(lines.map((line) => `${line}\n`)), /JSON form/],
  ["a JSON string alone", JSON.stringify(pkcs8), /JSON form/],
  ["letters alone in JSON", JSON.stringify({ id: keyId, key: letters }), /JSON form/],
  ["one key in two places of JSON", JSON.stringify({ a: { key: pkcs1 }, b: [pkcs1] }), /JSON form/],
  ["an account file of another service", JSON.stringify({ type: "service_account", private_key: pkcs8 }), /JSON form/],
  ["the XML of .NET", xml, /XML form/],
  ["an element of XML", `<key name="kalshi">${pkcs1}</key>`, /web page/],
  ["raw text in XML", `<![CDATA[${pkcs1}]]>`, /web page/],
  ["line breaks of HTML on one line", pkcs1.replaceAll("\n", "<br/>"), /web page/],
  ["named entities of HTML", pkcs8.replaceAll("+", "&plus;").replaceAll("/", "&sol;"), /web page/],
  ["bytes in digits with colons", der.toString("hex").replace(/(..)(?=.)/g, "$1:"), /digits/],
  ["strings of Java", lines.map((line) => `    + "${line}\\n"`).join("\n"), /string of a program/],
  ["lines of a C macro", lines.map((line) => `"${line}\\n" \\`).join("\n"), /string of a program/],
  ["bytes of Python", `KEY = b"${pkcs1.replaceAll("\n", "\\n")}"`, /around/],
  ["a template of JavaScript", `const key = \`${pkcs1}\`;`, /around/],
  ["a here-document of a shell", `cat > key.pem <<'EOF'\n${pkcs1}EOF\n`, /around/],
  ["a folded block of YAML", `key: >-\n  ${lines.join("\n  ")}\n`, /setting/],
  ["numbers with brackets", lines.map((line, at) => `${at + 1}) ${line}`).join("\n"), /numbered/],
  ["a comma at the end of each line", lines.map((line) => `${line},`).join("\n"), /comma/],
  ["lines that were taken away", lines.map((line) => `-${line}`).join("\n"), /plus or a minus/],
  ["quoted twice in a mail", lines.map((line) => `>> ${line}`).join("\n"), /mail/],
  ["encoded for an address twice", encodeURIComponent(encodeURIComponent(pkcs1)), /address/],
  ["a byte order mark read as letters", `ï»¿${pkcs1}`, /byte order mark/],
  ["a separator of Mongolian in each line", lines.map((line) => `${line}\u180E`).join("\n"), /Invisible/],
  ["signs that choose a variant", pkcs1.replaceAll("M", "M\uFE0F"), /Invisible/],
  ["UTF-32", Buffer.from([...pkcs1].flatMap((c) => [c.charCodeAt(0), 0, 0, 0])).toString("utf8"), /UTF-32/],
  ["a carriage return too much", pkcs1.replaceAll("\n", "\r\r\n"), undefined],
  ["blanks at the end of each line", lines.map((line) => `${line}  `).join("\n"), undefined],
  ["lines of 32 letters", framed("PRIVATE KEY", letters.replace(/.{32}/g, "$&\n")), undefined],
  ["the label of an encrypted key", pkcs8.replaceAll("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), /label/],
  ["the label of another service", pkcs1.replaceAll("RSA PRIVATE KEY", "KALSHI PRIVATE KEY"), /label/],
  ["an END line of another label", pkcs1.replace("END RSA PRIVATE KEY", "END PRIVATE KEY"), /END line/],
  ["without the signs at its end", letters.replace(/=+$/, ""), /BEGIN and END lines/],
  [
    "with what a keystore's tool says",
    `Bag Attributes: <No Attributes>\nKey Attributes: <No Attributes>\n${pkcs8}`,
    /around/,
  ],
  ["behind its id, with names", `API Key ID: ${keyId}\nPrivate Key:\n${pkcs1}`, /around/],
];

/** What is done to a text on its way; one may come upon the other. */
export const wrappings: readonly [what: string, wrapped: (text: string) => string][] = [
  ["Windows line ends", (text) => text.replaceAll("\n", "\r\n")],
  ["escaped line breaks", (text) => text.replaceAll("\n", "\\n")],
  ["a JSON string", (text) => JSON.stringify(text)],
  ["JSON", (text) => JSON.stringify({ id: keyId, key: text }, null, 2)],
  ["quotation marks", (text) => `"${text}"`],
  ["typographic quotation marks", (text) => `“${text.trim()}”`],
  ["a code block", (text) => `\`\`\`\n${text}\n\`\`\``],
  ["a byte order mark", (text) => `\uFEFF${text}`],
  ["zero-width blanks", (text) => text.replace(/(.{9})/g, "$1\u200B")],
  ["indentation", (text) => text.replace(/^/gm, "    ")],
  ["a setting", (text) => `KALSHI_PRIVATE_KEY="${text}"`],
  ["a mail", (text) => text.replace(/^/gm, "> ")],
  ["its id", (text) => `${keyId}\n${text}`],
  ["base64", (text) => Buffer.from(text).toString("base64")],
  ["an address", (text) => encodeURIComponent(text)],
];

export const refusedElsewhere: readonly [what: string, text: string, code: string][] = [
  ["encrypted the old way, on one line", encryptedLegacy.replaceAll("\n", " "), "encrypted"],
  ["a JSON Web Key without its primes", JSON.stringify({ kty: "RSA", n: web.n, e: web.e, d: web.d }), "incomplete"],
  ["a secret of a JSON Web Key", JSON.stringify({ kty: "oct", k: "c2VjcmV0" }), "other-kind"],
  ["the public half in XML", xml.replace(/<P>.*<\/D>/, ""), "public-key"],
  ["the address of a file", "file:///home/ann/kalshi.pem", "is-path"],
  ["the name of a file", "kalshi-prod.key", "is-path"],
  ["a path of Windows in quotes", '"C:\\Users\\ann\\Downloads\\kalshi key.pem"', "is-path"],
  ["three dots in the middle", [...lines.slice(0, 4), "...", ...lines.slice(-3)].join("\n"), "incomplete"],
  ["a viewer's note in the middle", [...lines.slice(0, 4), "[truncated]", ...lines.slice(-3)].join("\n"), "incomplete"],
  ["all but its first lines", pkcs8Lines.slice(3).join("\n"), "incomplete"],
  ["a word in the key's place", framed("RSA PRIVATE KEY", "REDACTED"), "hidden"],
  ["a word in brackets", "<redacted>", "hidden"],
  ["a line of authorized_keys", 'command="ls" ssh-rsa AAAAB3NzaC1yc2E me@home', "ssh-public-key"],
  ["parameters", framed("DH PARAMETERS", "MEYCQQDaWDwW2YUiidDkr3VvTMqS3UvlM7gE"), "no-key-inside"],
  ["a list of revoked certificates", framed("X509 CRL", letters.slice(0, 200)), "no-key-inside"],
  [
    "a bare Ed25519 number",
    Buffer.from(ed25519.export({ format: "jwk" }).d ?? "", "base64url").toString("hex"),
    "garbage",
  ],
  ["an Ed25519 key in a JSON string", JSON.stringify(ed25519.export({ type: "pkcs8", format: "pem" })), "ed25519"],
  ["a key of RSA and one of Ed25519", pkcs1 + ed25519.export({ type: "pkcs8", format: "pem" }), "several-keys"],
  ["what a shell says of a missing file", "cat: kalshi.pem: No such file or directory", "garbage"],
  ["a URN of its id", `urn:uuid:${keyId.toUpperCase()}`, "is-key-id"],
];
