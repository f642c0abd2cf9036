import { createPublicKey } from "node:crypto";
import { expect, test } from "playwright/test";
import { isProblem, type Problem } from "../problem.ts";
import { keyFileText } from "./key/forms.ts";
import { canonical, encryptedLegacy, encryptedPkcs8, healed, ownKey, refused } from "./key/pasted.ts";
import { healedElsewhere, refusedElsewhere, wrappings } from "./key/pasted-from-elsewhere.ts";
import { keyRefusals } from "./key/refusals.ts";
import { canonicalPem, parsePrivateKey } from "./key.ts";

/** A row of the table that `npm test` prints: what became of a text, and the sentence. */
function show(row: string): void {
  test.info().annotations.push({ type: "shows", description: row });
}

function problemOf(text: string, passphrase?: string): Problem {
  try {
    parsePrivateKey(text, passphrase);
  } catch (thrown) {
    if (isProblem(thrown)) return thrown;
    throw thrown;
  }
  throw new Error("this text was taken as a key");
}

test.describe("A key as people paste it is put right and named", () => {
  for (const [what, text, says] of [...healed, ...healedElsewhere]) {
    test(what, () => {
      const key = parsePrivateKey(text);
      show(`healed: ${key.healed.join(" ") || "as it is"}`);
      expect(canonicalPem(key)).toBe(canonical);
      expect(key.bits).toBe(2048);
      if (says) expect(key.healed.join(" ")).toMatch(says);
      else expect(key.healed).toEqual([]);
    });
  }
});

test.describe("A text that is no key for REC.IO is refused by its name", () => {
  for (const [what, text, code] of [...refused, ...refusedElsewhere]) {
    test(what, () => {
      const problem = problemOf(text);
      show(`refused: ${problem.says}`);
      expect(problem.code).toBe(`kalshi.key-${code}`);
      expect(problem.remedy).toBeDefined();
      expect(leakedParts(text, `${problem.says} ${JSON.stringify(problem.remedy)}`)).toEqual([]);
    });
  }
});

/** Every run of twelve characters of the key's letters that also stands in a sentence. */
function leakedParts(text: string, sentence: string): string[] {
  const lettersOnly = text.replace(/-+[^-\n]+-+/g, "").replace(/\s+/g, "");
  const parts: string[] = [];
  for (let at = 0; at + 12 <= Math.min(lettersOnly.length, 4000); at += 1) {
    const part = lettersOnly.slice(at, at + 12);
    if (sentence.replace(/\s+/g, "").includes(part)) parts.push(part);
  }
  return parts;
}

test("Of two wrappings around a key both are undone, or it is refused; none makes another key of it", () => {
  const held: string[] = [];
  for (const [inner, first] of wrappings)
    for (const [outer, second] of wrappings) {
      try {
        expect(canonicalPem(parsePrivateKey(second(first(ownKey.pkcs1)))), `${inner} in ${outer}`).toBe(canonical);
      } catch (thrown) {
        if (!isProblem(thrown)) throw thrown;
        held.push(`${inner} in ${outer}: ${thrown.code}`);
      }
    }
  show(`of ${wrappings.length ** 2} pairs of wrappings ${held.length} are refused`);
  expect(held).toEqual(["base64 in its id: kalshi.key-garbage"]);
});

test("No two causes share a sentence", () => {
  const sentences = Object.values(keyRefusals).map(([says]) => says);
  expect(new Set(sentences).size).toBe(sentences.length);
});

test("An encrypted key opens with its passphrase, in memory", () => {
  const blanks = encryptedLegacy.replaceAll("\n", " ");
  for (const text of [encryptedPkcs8, encryptedLegacy, encryptedLegacy.replaceAll("\n", "\\n"), blanks]) {
    const key = parsePrivateKey(text, "open sesame");
    expect(canonicalPem(key)).toBe(canonical);
    expect(key.healed.join(" ")).toContain("decrypted in memory");
    expect(problemOf(text, "wrong").code).toBe("kalshi.key-wrong-passphrase");
  }
});

test("A file of bytes is told from a file of letters, and a key in either is read", () => {
  const { rsa, pkcs1 } = ownKey;
  for (const type of ["pkcs1", "pkcs8"] as const)
    expect(canonicalPem(parsePrivateKey(keyFileText(rsa.export({ type, format: "der" }))))).toBe(canonical);
  for (const encoding of ["utf8", "utf16le"] as const) {
    const bytes = Buffer.from(`\uFEFF${pkcs1}`, encoding);
    expect(canonicalPem(parsePrivateKey(keyFileText(bytes)))).toBe(canonical);
  }
  expect(problemOf(keyFileText(createPublicKey(rsa).export({ type: "spki", format: "der" }))).code).toBe(
    "kalshi.key-public-key",
  );
  expect(problemOf(keyFileText(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]))).code).toBe("kalshi.key-binary");
});
