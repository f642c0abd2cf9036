import { Problem, sentence } from "../../problem.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function refused(code: string, says: string, remedy: string): Problem {
  return new Problem({ code: `kalshi.key-id-${code}`, says, remedy: sentence(remedy) });
}

const where = "Copy the id from the list of keys on Kalshi's account page.";

/**
 * The key id as Kalshi wants it: a lower-case UUID. Takes it with blanks, quotes, braces, zero-width characters,
 * typographic dashes, without dashes, or behind `KALSHI_API_KEY_ID=`.
 * @throws Problem `kalshi.key-id-…` where it is something else; the sentence holds no part of the text.
 */
export function normaliseKeyId(text: string): string {
  const cleaned = text
    .replace(/[\u200B-\u200F\u2060\uFEFF\u00AD]/g, "")
    .replace(/[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g, "-")
    .trim();
  if (cleaned === "") throw refused("empty", "There is no key id in the field.", where);
  if (/BEGIN|PRIVATE KEY|^MI[IG][A-Za-z0-9+/]/.test(cleaned)) {
    throw refused(
      "is-private-key",
      "The private key stands in the key id's place.",
      "Put the key in the field of the private key and the id here.",
    );
  }
  const bare = cleaned
    .replace(/^(?:export\s+)?[A-Za-z_]*KEY_?ID\s*[=:]\s*/i, "")
    .replace(/[\s"'`{}()<>\u2018-\u201F,;]/g, "")
    .toLowerCase();
  const dashed = /^[0-9a-f]{32}$/.test(bare)
    ? bare.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    : bare;
  if (uuid.test(dashed)) return dashed;
  if (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(cleaned))
    throw refused("is-email", "An e-mail address stands in the key id's place.", where);
  if (/^[0-9a-f-]+$/.test(dashed) && dashed.length < 36)
    throw refused("cut-off", "The key id is too short: a part of it is missing.", where);
  if (/^[0-9a-f-]+$/.test(dashed)) throw refused("too-long", "The key id is too long.", where);
  throw refused(
    "not-a-uuid",
    "The key id does not look like one of Kalshi's, which are 36 characters of digits, letters a to f and dashes.",
    where,
  );
}
