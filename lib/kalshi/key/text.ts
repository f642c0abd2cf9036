import { createPrivateKey } from "node:crypto";
import { keyRefused } from "./refusals.ts";

/** A pasted text, reduced to the key's bytes. */
export interface KeyText {
  /** The label between BEGIN and the dashes, upper case, or undefined where there was none. */
  label?: string;
  bytes: Buffer;
  /** PEM with clean lines, for keys whose decryption needs the header lines. */
  pem: string;
  encrypted: boolean;
  healed: readonly string[];
}

const uuid = /^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;
const placeholder = "PLACEHOLDER_KEY_FOR_NEW_INSTALLATION";
const blockPattern = /-+\s*BEGIN\s+([A-Z0-9 ]+?)\s*-+([\s\S]*?)(?:-+\s*END\s+[A-Z0-9 ]*?\s*-+|$)/gi;

/** One mending of the text: it changes nothing where the fault is not there. */
interface Mending {
  says: string;
  mend(text: string): string;
}

const mendings: readonly Mending[] = [
  { says: "The text began with a byte order mark.", mend: (text) => text.replace(/^\uFEFF/, "") },
  {
    says: "Invisible characters stood in the text.",
    mend: (text) => text.replace(/[\u200B-\u200F\u2060\uFEFF\u00AD]/g, ""),
  },
  {
    says: "Unusual blanks stood in the text.",
    mend: (text) => text.replace(/[\u00A0\u2000-\u200A\u202F\u3000]/g, " "),
  },
  { says: "The line breaks were written out as \\n.", mend: (text) => text.replace(/\\r\\n|\\n|\\r/g, "\n") },
  {
    says: "The dashes were typographic.",
    mend: (text) => text.replace(/[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g, "-"),
  },
  {
    says: "The key stood in a code block.",
    mend: (text) => text.replace(/^\s*```[^\n]*\n/, "").replace(/\n?\s*```\s*$/, ""),
  },
  { says: "The key stood behind the name of a setting.", mend: withoutName },
  { says: "The key stood in quotation marks.", mend: withoutQuotes },
  {
    says: "The lines were quoted as in a mail.",
    mend: (text) => (/^\s*>/.test(text) ? text.replace(/^[ \t]*>[ \t]?/gm, "") : text),
  },
  { says: "The lines were indented.", mend: (text) => text.replace(/\n[ \t]+/g, "\n") },
];

/** `KALSHI_PRIVATE_KEY=…`, `export KEY=…` and `key: |` before the key. */
function withoutName(text: string): string {
  return text.replace(
    /^\s*(?:export\s+)?[A-Za-z][\w.-]*\s*(?:=|:)\s*[|>]?-?\s*(?=["'`\u2018-\u201F]|-+\s*BEGIN|MII|\n)/,
    "",
  );
}

function withoutQuotes(text: string): string {
  const marks = "\"'`\u2018\u2019\u201A\u201C\u201D\u201E\u00AB\u00BB";
  const inner = text.trim().replace(/[,;]$/, "");
  const first = inner.at(0);
  const last = inner.at(-1);
  const opens = first !== undefined && marks.includes(first);
  const closes = last !== undefined && marks.includes(last);
  return opens || closes ? inner.slice(opens ? 1 : 0, closes ? -1 : undefined) : text;
}

/** Texts that are told from their words, before anything is decoded. */
function refuseKnownTexts(text: string): void {
  const bare = text.replace(/^["'`\s]+|["'`\s]+$/g, "");
  if (bare === "") throw keyRefused("empty");
  if (text.includes(placeholder)) throw keyRefused("placeholder");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u0008\u000E-\u001F\uFFFD]/.test(text)) throw keyRefused("binary");
  if (uuid.test(bare)) throw keyRefused("is-key-id");
  if (/^PuTTY-User-Key-File/.test(bare)) throw keyRefused("putty");
  if (/BEGIN PGP/i.test(bare)) throw keyRefused("pgp");
  if (/^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+) /.test(bare)) throw keyRefused("ssh-public-key");
  if (/^<(!doctype|html|\?xml)/i.test(bare)) throw keyRefused("web-page");
  if (/^(~|\.{0,2}\/|[A-Za-z]:\\)[^\n]*\.(pem|key|txt)$/i.test(bare)) throw keyRefused("is-path");
}

/** A JSON Web Key becomes PKCS#8 text, so that the one path below judges it. */
function fromJsonWebKey(text: string): string | undefined {
  if (!/^\s*\{[\s\S]*"kty"/.test(text)) return undefined;
  try {
    const key = createPrivateKey({ key: JSON.parse(text), format: "jwk" });
    return key.export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    throw keyRefused(/"d"\s*:/.test(text) ? "damaged" : "public-key");
  }
}

interface Block {
  label?: string;
  body: string;
}

/** The one block that matters: in a bundle of certificate and key it is the private key. */
function chosenBlock(text: string): Block {
  const blocks = [...text.matchAll(blockPattern)].map(([, label, body]) => ({
    label: (label ?? "").toUpperCase().replace(/\s+/g, " "),
    // An END line that lost its closing dashes is still no part of the key.
    body: (body ?? "").replace(/-+\s*END[\s\S]*$/i, ""),
  }));
  const meaning = blocks.filter(({ label }) => label !== "EC PARAMETERS");
  const privates = meaning.filter(({ label }) => label.includes("PRIVATE KEY"));
  if (privates.length > 1) throw keyRefused("several-keys");
  const chosen = privates[0] ?? meaning[0];
  if (chosen) return chosen;
  // No header at all, or one that lost its dashes or its beginning.
  return {
    body: text.replace(/^[- ]*(?:BEGIN|END)?[A-Z ]*(?:PRIVATE )?KEY[- ]*$/gim, "").replace(/-+\s*END[^\n]*/i, ""),
  };
}

function bytesOf(body: string, label: string | undefined): Buffer {
  const letters = body.replace(/\s+/g, "").replaceAll("-", "+").replaceAll("_", "/");
  if (letters === "") throw keyRefused(label === undefined ? "garbage" : "cut-off");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(letters)) {
    throw keyRefused(/^MI[IG]/.test(letters) || letters.length > 400 ? "foreign-characters" : "garbage");
  }
  return Buffer.from(letters, "base64");
}

/**
 * Finds the key in a text as it was pasted or read from a file: mends what can be mended, names it, and decodes.
 * @throws Problem `kalshi.key-…` for what is told from the words alone.
 */
export function readKeyText(pasted: string): KeyText {
  let text = pasted;
  const healed: string[] = [];
  for (const { says, mend } of mendings) {
    const mended = mend(text);
    if (mended !== text) healed.push(says);
    text = mended;
  }
  refuseKnownTexts(text);
  const fromJson = fromJsonWebKey(text);
  if (fromJson) {
    healed.push("The key was in JSON form.");
    text = fromJson;
  }
  const { label, body } = chosenBlock(text);
  if (label === undefined) healed.push("The BEGIN and END lines were missing.");
  else if (!new RegExp(`-----END ${label}-----`).test(text)) healed.push("The END line was missing or not whole.");
  if (label !== undefined && !/\n/.test(body.trim()) && body.trim().length > 120)
    healed.push("The key stood on one line.");
  if (label !== undefined && /^-+\s*begin/.test(text.trim())) healed.push("The BEGIN line was in lower case.");

  const legacyEncryption = /Proc-Type:\s*4\s*,\s*ENCRYPTED/i.test(body);
  if (legacyEncryption || label === "ENCRYPTED PRIVATE KEY") {
    const [headers, letters] = legacyEncryption ? splitHeaders(body) : ["", body];
    const bytes = bytesOf(letters, label);
    const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
    const pem = `-----BEGIN ${label}-----\n${headers}${lines.join("\n")}\n-----END ${label}-----\n`;
    return { ...(label ? { label } : {}), bytes, pem, encrypted: true, healed };
  }
  // Bag attributes and friends ("friendlyName: …") stand between the blocks, never inside one.
  return { ...(label ? { label } : {}), bytes: bytesOf(body, label), pem: text, encrypted: false, healed };
}

function splitHeaders(body: string): [headers: string, letters: string] {
  const procType = body.match(/Proc-Type:[^\n]*/i)?.[0] ?? "";
  const dekInfo = body.match(/DEK-Info:\s*[A-Z0-9-]+\s*,\s*[0-9A-F]+/i)?.[0] ?? "";
  return [`${procType.trim()}\n${dekInfo.trim()}\n\n`, body.replace(procType, "").replace(dekInfo, "")];
}
