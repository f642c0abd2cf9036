import { expect, test } from "playwright/test";
import { isProblem } from "../../problem.ts";
import { normaliseKeyId } from "./key-id.ts";

/** A row of the table that `npm test` prints. */
const show = (description: string) => void test.info().annotations.push({ type: "shows", description });

const id = "a952bcbe-ec3b-4b5b-b8f9-11dae589608c";

for (const [what, text] of [
  ["as it is", id],
  ["in upper case", id.toUpperCase()],
  ["with blanks around", `  ${id}\n`],
  ["in braces", `{${id}}`],
  ["in quotes", `"${id}"`],
  ["with a zero-width blank", `\u200B${id.slice(0, 10)}\u200D${id.slice(10)}`],
  ["with a byte order mark", `\uFEFF${id}`],
  ["with typographic dashes", id.replaceAll("-", "–")],
  ["without dashes", id.replaceAll("-", "")],
  ["broken over two lines", `${id.slice(0, 18)}\n${id.slice(18)}`],
  ["behind the name of the setting", `KALSHI_API_KEY_ID=${id}`],
  ["as people write it down", `Key ID: ${id}.`],
  ["in an address", `https://kalshi.com/account/api-keys/${id}?tab=keys`],
  ["in JSON", `{"api_key_id": "${id}", "name": "mine"}`],
  ["in a line of a table", `| my key | ${id} | read, write |`],
  ["twice the same", `${id}\n${id}`],
  ["as a URN", `urn:uuid:${id}`],
  [
    "in letters of double width",
    id.replace(/[0-9a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  ],
  ["with no-break spaces", `\u00A0${id}\u00A0`],
  ["with entities of HTML", id.replaceAll("-", "&#45;")],
  ["encoded for an address", encodeURIComponent(`{${id}}`)],
  ["with underscores", id.replaceAll("-", "_")],
  ["with points", id.replaceAll("-", ".")],
  ["as a number of a program", `0x${id.replaceAll("-", "")}`],
  ["as a header of a request", `KALSHI-ACCESS-KEY: ${id}`],
  ["stored as UTF-16", [...id].join("\0")],
] as const) {
  test(`A key id ${what} is put right`, () => {
    show("healed: the id alone is taken");
    expect(normaliseKeyId(text)).toBe(id);
  });
}

for (const [what, text, code] of [
  ["nothing", "  ", "empty"],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow", "is-private-key"],
  ["an e-mail address", "me@example.org", "is-email"],
  ["a part of an id", id.slice(0, 20), "cut-off"],
  ["two ids", `${id}${id}`, "too-long"],
  ["two different ids", `${id} ${id.replace("a9", "b9")}`, "several"],
  ["the letter o for a digit", id.replace("0", "o"), "letters"],
  ["stars", "********", "hidden"],
  ["an address of Kalshi's", "https://kalshi.com/account/profile", "is-address"],
  ["a public key", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBg", "is-public-key"],
  ["a letter of another alphabet", id.replace("a", "а"), "letters"],
  ["an id of which a part is hidden", `${id.slice(0, 8)}-****-****-****-${id.slice(-12)}`, "hidden"],
  ["an id that a page cut short", `${id.slice(0, 8)}…${id.slice(-4)}`, "hidden"],
  ["a manual's example", "your-api-key-id", "example"],
  ["what a program prints for nothing", "undefined", "program-word"],
  ["a book", "a".repeat(100_000), "too-long"],
  ["words", "my trading key", "not-a-uuid"],
] as const) {
  test(`In the key id's place, ${what} is refused by its name`, () => {
    let thrown: unknown;
    try {
      normaliseKeyId(text);
    } catch (error) {
      thrown = error;
    }
    if (!isProblem(thrown)) throw new Error("it was taken as a key id");
    show(`refused: ${thrown.says}`);
    expect(thrown.code).toBe(`kalshi.key-id-${code}`);

    if (text.trim() !== "") expect(thrown.says).not.toContain(text);
  });
}
