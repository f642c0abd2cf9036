import { readKeyBytes } from "./bytes.ts";
import { fromOtherForm } from "./forms.ts";
import { beforeAll, type Mending, mendings } from "./mendings.ts";
import { keyRefused } from "./refusals.ts";

/** A pasted text, reduced to the key's bytes. */
export interface KeyText {
  /** The label between BEGIN and the dashes, upper case, or undefined where there was none. */
  label?: string;
  bytes: Buffer;
  /** PEM with clean lines, for keys whose decryption needs the header lines. */
  pem: string;
  /** True where the END line was there, so that what is missing is missing from the middle. */
  ended: boolean;
  /** The bytes where each blank between the letters was a plus sign: a form's body turns one into the other. */
  withPluses?: Buffer;
  encrypted: boolean;
  healed: readonly string[];
}

const uuid = /^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;
const anyUuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i;
const placeholder = "PLACEHOLDER_KEY_FOR_NEW_INSTALLATION";
const blockPattern = /-+\s*BEGIN\s+([A-Z0-9 ]+?)\s*-+([\s\S]*?)(?:-+\s*END\s+[A-Z0-9 ]*?\s*-+|$)/gi;

/** More wrappings than anybody puts around a key by mistake. */
const mostWrappings = 4;
const longRun = /[A-Za-z0-9+/_-]{60}/;

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
  if (
    /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+) |\s(ssh-\w+|ecdsa-sha2-\S+) AAAA/.test(bare) ||
    /BEGIN SSH2 PUBLIC/.test(bare)
  )
    throw keyRefused("ssh-public-key");
  if (/^<(!doctype|html|\?xml)/i.test(bare) && !/PRIVATE KEY/.test(bare)) throw keyRefused("web-page");
  if (/^(?:file:\/\/|~|\.{0,2}\/|[A-Za-z]:\\)?[^\n:"'={}<>]*\.(pem|key|txt|der|p12|pfx)$/i.test(bare))
    throw keyRefused("is-path");
  if (/^[^@\s]+@[^@\s]+\.[a-z]+$/i.test(bare)) throw keyRefused("is-email");
  if (/^https?:\/\/\S+$/i.test(bare)) throw keyRefused("is-address");
  if (/BEGIN (PKCS ?#?7|PKCS ?#?12|CMS)/.test(bare)) throw keyRefused("container");
  const inner = bare.replace(/-+\s*(BEGIN|END)[^\n-]*-+/g, "").trim();
  if (/^[.…*•●·xX_\s-]*[.…*•●·xX_][.…*•●·xX_\s-]*$/.test(inner)) throw keyRefused("hidden");
  if (/^[<[(*]*(redacted|masked|hidden|removed|secret|censored)[>\])*]*$/i.test(inner)) throw keyRefused("hidden");
  if (/^(undefined|null|none|nil|nan|true|false|\[object \w+\])$/i.test(inner)) throw keyRefused("program-word");
  // Somebody, or a program, left out the middle.
  if (
    /[A-Za-z0-9+/]{20,}={0,2}\s*(?:\.{3}|…|[[<(]\s*(?:\.\.\.|…|snip|truncated|cut|omitted|redacted)[^\n]*)\s*[A-Za-z0-9+/=]*/i.test(
      inner,
    )
  )
    throw keyRefused("incomplete");
  if (!longRun.test(inner)) {
    if (anyUuid.test(inner)) throw keyRefused("is-key-id");
    if (/your|here|insert|example|paste|<[^>]+>|\$\{|\{\{/i.test(inner)) throw keyRefused("example");
  }
}

interface Block {
  label?: string;
  body: string;
  twice?: boolean;
  /** False where blocks of another kind stood beside it. */
  alone?: boolean;
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
  const different = new Set(privates.map(({ body }) => body.replace(/\s+/g, "")));
  if (different.size > 1) throw keyRefused("several-keys");
  const chosen = privates[0] ?? meaning[0];
  if (chosen)
    return { ...chosen, twice: privates.length > 1, alone: blocks.every(({ label }) => label === chosen.label) };
  // No header at all, or one that lost its dashes or its beginning.
  return {
    body: text.replace(/^[- ]*(?:BEGIN|END)?[A-Z ]*(?:PRIVATE )?KEY[- ]*$/gim, "").replace(/-+\s*END[^\n]*/i, ""),
  };
}

function bytesOf(body: string, label: string | undefined): Buffer {
  const letters = body.replace(/\s+/g, "").replaceAll("-", "+").replaceAll("_", "/");
  if (letters === "") throw keyRefused(label === undefined ? "garbage" : "nothing-inside");
  // A DER sequence of two length bytes in hexadecimal.
  if (/^3082[0-9a-f]+$/i.test(letters) && letters.length % 2 === 0) return Buffer.from(letters, "hex");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(letters)) {
    throw keyRefused(/^MI[IG]/.test(letters) || letters.length > 400 ? "foreign-characters" : "garbage");
  }
  if (letters.length > 400 && (letters === letters.toUpperCase() || letters === letters.toLowerCase()))
    throw keyRefused("case-lost");
  return Buffer.from(letters, "base64");
}

/** Where blanks stand between letters of one line, they may have been plus signs; whether they were, the key itself tells. */
function plusesFor(body: string): { withPluses: Buffer } | undefined {
  const lines = body.replace(/^\n+|\n+$/g, "").split("\n");
  if (lines.length < 3 || !lines.some((line) => /\S \S/.test(line))) return undefined;
  return { withPluses: Buffer.from(lines.join("").replaceAll(" ", "+"), "base64") };
}

/**
 * Finds the key in a text as it was pasted or read from a file: mends what can be mended, names it, and decodes.
 * @throws Problem `kalshi.key-…` for what is told from the words alone.
 */
export function readKeyText(pasted: string): KeyText {
  if (/^\s*\{\\rtf/.test(pasted)) throw keyRefused("rich-text");
  // How lines end is the system's business and nothing to tell a person.
  let text = pasted.replace(/\r\n?|[\u2028\u2029\u0085\v\f]/g, "\n");
  const healed: string[] = [];
  const mendAll = (list: readonly Mending[]) => {
    for (const { says, mend } of list) {
      const mended = mend(text);
      if (mended !== text && !healed.includes(says)) healed.push(says);
      text = mended;
    }
  };
  // One wrapping may stand in another: a letter of a file of settings of a JSON text.
  for (let pass = 0, before = ""; pass < mostWrappings && before !== text; pass += 1) {
    before = text;
    mendAll(beforeAll);
    const form = fromOtherForm(text);
    if (form && !healed.includes(form.says)) healed.push(form.says);
    text = form?.text ?? text;
    mendAll(mendings);
  }
  refuseKnownTexts(text);
  const { label, body, twice, alone } = chosenBlock(text);
  const ended = label === undefined ? /-----END [A-Z ]*KEY-----/.test(text) : text.includes(`-----END ${label}-----`);
  if (label === undefined) healed.push("The BEGIN and END lines were missing.");
  else if (!ended) healed.push("The END line was missing or not whole.");
  if (label !== undefined && !/\n/.test(body.trim()) && body.trim().length > 120)
    healed.push("The key stood on one line.");
  if (twice) healed.push("The key stood there twice.");
  if (label !== undefined && (alone === false || text.replace(blockPattern, "").trim() !== ""))
    healed.push("Other text stood around the key; it is left out.");

  const legacyEncryption = /Proc-Type:\s*4\s*,\s*ENCRYPTED/i.test(body);
  if (legacyEncryption || label === "ENCRYPTED PRIVATE KEY") {
    const [headers, letters] = legacyEncryption ? splitHeaders(body) : ["", body];
    const bytes = bytesOf(letters, label);
    // The label may lie: what opens without a passphrase is not encrypted.
    const plain = !legacyEncryption && ["pkcs1", "pkcs8"].includes(readKeyBytes(bytes).kind);
    const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
    const pem = `-----BEGIN ${label}-----\n${headers}${lines.join("\n")}\n-----END ${label}-----\n`;
    return { ...(label ? { label } : {}), bytes, pem, ended, encrypted: !plain, healed };
  }
  // Bag attributes and friends ("friendlyName: …") stand between the blocks; RFC 1421 lets headers stand inside one.
  const letters = body.replace(/^[ \t]*[A-Za-z][\w-]*:[^\n]*$/gm, "");
  if (label !== undefined && letters !== body) healed.push("Lines of comment stood in the key.");
  return {
    ...(label ? { label } : {}),
    bytes: bytesOf(letters, label),
    ...plusesFor(letters),
    pem: text,
    ended,
    encrypted: false,
    healed,
  };
}

function splitHeaders(body: string): [headers: string, letters: string] {
  const procType = body.match(/Proc-Type:\s*4\s*,\s*ENCRYPTED/i)?.[0] ?? "";
  const dekInfo = body.match(/DEK-Info:\s*[A-Z0-9-]+\s*,\s*[0-9A-F]+/i)?.[0] ?? "";
  return [`${procType.trim()}\n${dekInfo.trim()}\n\n`, body.replace(procType, "").replace(dekInfo, "")];
}
