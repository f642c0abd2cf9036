import { isProblem, Problem, sentence } from "../../problem.ts";
import { fromAddress, fromMarkup } from "./encodings.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A UUID that stands by itself in a longer text. */
const uuids = /(?<![0-9a-f-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f-])/gi;

/** Room for an id with much around it. */
const mostCharacters = 4_000;

function refused(code: string, says: string, remedy: string): Problem {
  return new Problem({ code: `kalshi.key-id-${code}`, says, remedy: sentence(remedy) });
}

const where = "Copy the id from the list of keys on Kalshi's account page.";

/** True where a text is, or holds, a private key: it stands in the key id's place by mistake. */
export function looksLikePrivateKey(text: string): boolean {
  return /BEGIN|PRIVATE KEY|^\s*MI[IG][A-Za-z0-9+/]/.test(text);
}

/** The key id as it was typed, without what is around it and between its parts. */
function withoutTrappings(text: string): string {
  const bare = text
    .replace(/^(?:export\s+)?[A-Za-z_ ]*KEY[ _-]?ID\s*[=:]\s*/i, "")
    .replace(/^(?:urn:uuid:|0x)/i, "")
    .replace(/(?<=[0-9a-f])_(?=[0-9a-f])/gi, "-")
    .replace(/[\s"'`{}()<>[\]\u2018-\u201F,;.:*|]/g, "")
    .toLowerCase();
  return /^[0-9a-f]{32}$/.test(bare) ? bare.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") : bare;
}

/**
 * The key id as Kalshi wants it: a lower-case UUID. Takes it with blanks, quotes, braces, zero-width characters,
 * typographic dashes, without dashes, or within other words (`KALSHI_API_KEY_ID=…`, an address, a line of a list).
 * @throws Problem `kalshi.key-id-…` where it is something else; the sentence holds no part of the text.
 */
export function normaliseKeyId(text: string): string {
  // Nothing of that length is, or holds by chance, one id.
  if (text.length > mostCharacters && !looksLikePrivateKey(text))
    throw refused("too-long", "The key id is too long.", where);
  const cleaned = fromMarkup(fromAddress(text))
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}|\0/gu, "")
    .replace(/[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g, "-")
    .trim();
  if (cleaned === "") throw refused("empty", "No key id was given.", where);
  if (/BEGIN (?:RSA )?PUBLIC KEY|BEGIN CERTIFICATE|^ssh-\w+ /.test(cleaned))
    throw refused("is-public-key", "A public key stands in the key id's place.", where);
  if (looksLikePrivateKey(cleaned)) {
    throw refused(
      "is-private-key",
      "The private key stands in the key id's place.",
      "Put the key in the field of the private key and the id here.",
    );
  }
  const bare = withoutTrappings(cleaned);
  if (uuid.test(bare)) return bare;
  const only = idWithin(cleaned);
  if (only !== undefined) return only;
  if ((cleaned.match(uuids) ?? []).length > 1)
    throw refused("several", "More than one key id was given.", "Give the id of one key alone.");
  if (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(cleaned))
    throw refused("is-email", "An e-mail address stands in the key id's place.", where);
  if (/^https?:/i.test(cleaned))
    throw refused("is-address", "The address of a web page stands in the key id's place.", where);
  if (/^(undefined|null|none|nil|nan|true|false|\[object \w+\])$/i.test(cleaned))
    throw refused("program-word", "A program's word for nothing stands in the key id's place.", where);
  if (/^(?:[.…*•●·xX-]|\s)+$/.test(cleaned) || /[*•●·]{2}|(?<=[0-9a-f]{4}.*)(?:\.{3}|…)/i.test(cleaned))
    throw refused("hidden", "The key id, or a part of it, is hidden here behind dots or stars.", where);
  if (/\b(your|here|insert|example|placeholder)\b|<[^>]+>|\$\{|\{\{|PLACEHOLDER_/i.test(cleaned))
    throw refused("example", "The example of a manual stands in the key id's place.", where);
  if (/^[0-9a-f-]+$/.test(bare) && bare.length < 36)
    throw refused("cut-off", "The key id is too short: a part of it is missing.", where);
  if (/^[0-9a-f-]+$/.test(bare)) throw refused("too-long", "The key id is too long.", where);
  if (/^[\p{L}\d-]{36}$/u.test(bare) && bare.split("-").length === 5)
    throw refused(
      "letters",
      "The key id holds a letter that no key id has: a to f are possible.",
      `${where} Typed by hand, the letter o and the digit 0 are easily mixed up.`,
    );
  throw refused(
    "not-a-uuid",
    "The key id does not look like one of Kalshi's, which are 36 characters of digits, letters a to f and dashes.",
    where,
  );
}

/** The one id that stands in a longer text, such as a note that holds a key and its id; undefined where there is none or several. */
export function idWithin(text: string): string | undefined {
  const found = new Set((text.match(uuids) ?? []).map((one) => one.toLowerCase()));
  return found.size === 1 ? [...found][0] : undefined;
}

/** True where a text is a key id, with whatever is around it. */
export function isKeyId(text: string): boolean {
  try {
    normaliseKeyId(text);
    return true;
  } catch (thrown) {
    if (isProblem(thrown)) return false;
    throw thrown;
  }
}
