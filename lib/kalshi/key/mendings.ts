import {
  fromAddress,
  fromFullWidth,
  fromMail,
  fromMarkup,
  fromOuterBase64,
  fromWideText,
  withoutControls,
} from "./encodings.ts";

/** One mending of the text: it changes nothing where the fault is not there. */
export interface Mending {
  says: string;
  mend(text: string): string;
}

/** What is undone before anybody asks which form the text has. */
export const beforeAll: readonly Mending[] = [
  { says: "The text was stored as UTF-16 or UTF-32.", mend: fromWideText },
  { says: "The text began with a byte order mark.", mend: (text) => text.replace(/^(?:\uFEFF|ï»¿)/, "") },
  {
    says: "Invisible characters stood in the text.",
    mend: (text) => text.replace(/\p{Default_Ignorable_Code_Point}/gu, ""),
  },
];

/** What people, programs and clipboards do to a key, in the order in which it is undone. */
export const mendings: readonly Mending[] = [
  { says: "A terminal's control characters stood in the text.", mend: withoutControls },
  { says: "The text was encoded once more as base64.", mend: fromOuterBase64 },
  { says: "The text was encoded for an address (%2B).", mend: (text) => fromAddress(fromAddress(text)) },
  { says: "The text was written for a web page (&#43;).", mend: fromMarkup },
  { says: "The text was written for mail (=3D).", mend: fromMail },
  {
    says: "Characters were written out as in JSON (\\u002b).",
    mend: (text) =>
      text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
  },
  {
    says: "Unusual blanks stood in the text.",
    mend: (text) => text.replace(/[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/g, " "),
  },
  { says: "The letters were of double width.", mend: fromFullWidth },
  {
    says: "The line breaks were written out as \\n.",
    mend: (text) => text.replace(/\\+r\\+n|\\+n|\\+r/g, "\n"),
  },
  { says: "Backslashes stood in the text.", mend: (text) => text.replace(/\\+(?=\/|["'])|\\+[ \t]*$/gm, "") },
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
    mend: (text) => (/^\s*>|(?:\n[ \t]*>[^\n]*){3}/.test(text) ? text.replace(/^[ \t]*(?:>[ \t]?)+/gm, "") : text),
  },
  { says: "The lines were numbered.", mend: withoutNumbers },
  {
    says: "The lines began with a plus or a minus sign, as in a comparison of files.",
    mend: withoutComparison,
  },
  { says: "Each line was a string of a program.", mend: withoutStrings },
  {
    says: "A comma or a semicolon stood at the end of each line.",
    mend: (text) => (/(?:[A-Za-z0-9+/=-][,;][ \t]*\n.*){3}/.test(text) ? text.replace(/[,;][ \t]*$/gm, "") : text),
  },
  { says: "A sign stood before each line, as in a list, a table or a comment.", mend: withoutSigns },
  { says: "The lines were indented.", mend: withoutIndentation },
  { says: "The BEGIN and END lines were misspelt.", mend: withRightGuards },
];

/** Where only some lines begin with a blank, it may be what is left of a plus sign. */
function withoutIndentation(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const indented = lines.filter((line) => /^[ \t]/.test(line)).length;
  return indented * 2 >= lines.length ? text.replace(/\n[ \t]+/g, "\n") : text;
}

/** `cat -n` and editors put a number before each line. */
function withoutNumbers(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const numbered = lines.length > 2 && lines.every((line) => /^\s*\d+[\s:|.)]/.test(line));
  return numbered ? text.replace(/^[ \t]*\d+[ \t:|.)]+/gm, "") : text;
}

/** `KALSHI_PRIVATE_KEY=…`, `export KEY=…` and `key: |` before the key. */
function withoutName(text: string): string {
  return text.replace(
    /^\s*(?:export\s+)?[A-Za-z][\w.-]*\s*(?:=|:)\s*(?:[|>]-?)?\s*(?=["'`\u2018-\u201F]|-+\s*BEGIN|MII|\n)/,
    "",
  );
}

function withoutComparison(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const all = (sign: string) => lines.length > 2 && lines.every((line) => line.startsWith(sign));
  if (/^\+-+\s*BEGIN/m.test(text)) return text.replace(/^\+/gm, "");
  return all("-") && /^-{6}\s*BEGIN/m.test(text) ? text.replace(/^-/gm, "") : text;
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

/** `"MII…\n" +` line by line, as in a program's source; the written-out breaks are line breaks by now. */
function withoutStrings(text: string): string {
  if ((text.match(/^[ \t]*[+.&]?[ \t]*["']/gm) ?? []).length < 3) return text;
  return text
    .replace(/^[ \t]*["'][ \t]*[+.,)]*[ \t]*$/gm, "")
    .replace(/^[ \t]*[+.&]?[ \t]*["']/gm, "")
    .replace(/["'][ \t]*[+.,)]*[ \t]*$/gm, "");
}

function withoutSigns(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const sign = /^[ \t]*(?:\||#|\/\/|\*|•|-)[ \t]+/;
  if (lines.length < 3 || !lines.every((line) => sign.test(line))) return text;
  return text.replace(new RegExp(sign, "gm"), "").replace(/[ \t]*\|[ \t]*$/gm, "");
}

/** BEGIN and END lines with lost dashes, blanks, capitals or the blanks between their words. */
function withRightGuards(text: string): string {
  return text.replace(
    /-+[ \t_]*(BEGIN|END)[ \t_]*(RSA|EC|DSA|ENCRYPTED|OPENSSH|)[ \t_]*(PRIVATE|PUBLIC)[ \t_]*KEY[ \t_]*-+/gi,
    (_, edge: string, kind: string, half: string) =>
      `-----${[edge, kind, half, "KEY"]
        .filter((word) => word !== "")
        .join(" ")
        .toUpperCase()}-----`,
  );
}
