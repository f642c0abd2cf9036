/*
 * Encodings in which a key arrives besides the plain one. Each gives the text back unchanged where it is none of them.
 */

/** UTF-16 that was read as UTF-8: a NUL beside every character, and a byte order mark that became two unknown ones. */
export function fromWideText(text: string): string {
  const bare = text.replace(/^[\uFFFD\uFEFF]{1,2}/, "");
  const zeros = bare.split("\0").length - 1;
  return zeros > 0 && zeros >= Math.floor(bare.length / 2) - 1 ? bare.replaceAll("\0", "") : text;
}

/** A text as base64, as `base64 key.pem` and some settings of hosting services give it: what it holds is letters again. */
export function fromOuterBase64(text: string): string {
  const letters = text.replace(/^[\s"'`]*(?:[A-Za-z_][\w.-]*\s*[=:]\s*)?["'`]?(?=[A-Za-z0-9+/]{40})|[\s"'`]+/g, "");
  if (letters.length < 400 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(letters)) return text;
  const inner = Buffer.from(letters, "base64").toString("utf8");
  // The bytes of a key itself are no letters.
  return /^[\s\x20-\x7e\u00a0-\uffef]+$/.test(inner) && !inner.includes("\ufffd") ? inner : text;
}

export function fromAddress(text: string): string {
  if (!/%(?:0A|0D|20|22|25|2B|2F|3D|2D|7B)/i.test(text)) return text;
  // In a form's body a blank is a plus sign; a true one is %2B there.
  const blanks = /%2B/i.test(text) || !/\s/.test(text.trim()) ? text.replaceAll("+", " ") : text;
  return blanks.replace(/(?:%[0-9A-F]{2})+/gi, (codes) =>
    Buffer.from(codes.replaceAll("%", ""), "hex").toString("utf8"),
  );
}

const namedCharacters: Readonly<Record<string, string>> = {
  plus: "+",
  sol: "/",
  equals: "=",
  nbsp: " ",
  NewLine: "\n",
  Tab: "\t",
  quot: '"',
  apos: "'",
  amp: "&",
  hyphen: "-",
  dash: "-",
  ndash: "-",
  mdash: "-",
  lt: "<",
  gt: ">",
};

/** A tag with its attributes, a comment, or the edges of raw text; `<No Attributes>` of openssl is none of them. */
const tag =
  /<\/?[a-z][\w:-]*(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s<>"']+))*\s*\/?>|<!--[\s\S]*?-->|<![a-z][^<>]*>|<!\[CDATA\[|\]\]>/gi;

export function fromMarkup(text: string): string {
  const tags = /BEGIN/.test(text)
    ? text.replace(/<br\s*\/?>|<\/(?:p|div|li|pre|code)>/gi, "\n").replace(tag, "")
    : text;
  return tags.replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,6})|([A-Za-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return namedCharacters[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** Letters as East Asian keyboards write them (U+FF01 to U+FF5E). */
export function fromFullWidth(text: string): string {
  return text.replace(/[\uFF01-\uFF0C\uFF0E-\uFF5E]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0));
}

/** Mail's way to write an equals sign and a line that was too long for it (RFC 2045). */
export function fromMail(text: string): string {
  if (!/=3D|=20$/m.test(text)) return text;
  return text
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** A terminal's colours (ECMA-48), and NULs at either end of a buffer. */
export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken away.
  return text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "").replace(/^\0+|\0+$/g, "");
}
