import { expect, test } from "playwright/test";
import { isProblem } from "../../problem.ts";
import { normaliseKeyId } from "./key-id.ts";

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
] as const) {
  test(`A key id ${what} is put right`, () => {
    expect(normaliseKeyId(text)).toBe(id);
  });
}

for (const [what, text, code] of [
  ["nothing", "  ", "empty"],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow", "is-private-key"],
  ["an e-mail address", "me@example.org", "is-email"],
  ["a part of an id", id.slice(0, 20), "cut-off"],
  ["two ids", `${id}${id}`, "too-long"],
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
    expect(thrown.code).toBe(`kalshi.key-id-${code}`);
    if (text.trim() !== "") expect(thrown.says).not.toContain(text);
  });
}
