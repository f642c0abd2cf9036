import { execFileSync } from "node:child_process";
import { expect, test } from "playwright/test";
import { sampleKeys } from "./key/samples.ts";
import { canonicalPem, parsePrivateKey } from "./key.ts";

/** Loads a PEM from standard input as REC.IO does, and prints the kind and size of the key. */
const reader = `
import sys
from cryptography.hazmat.primitives import serialization
key = serialization.load_pem_private_key(sys.stdin.buffer.read(), password=None)
print(type(key).__name__, key.key_size)
`;

test("Python's cryptography reads the canonical form of every healed key", () => {
  const { pkcs1, pkcs8, letters } = sampleKeys();
  const pasted = [
    pkcs1,
    pkcs8,
    pkcs8.replaceAll("PRIVATE KEY", "RSA PRIVATE KEY"),
    `"${pkcs8.replaceAll("\n", "\\n")}"`,
    pkcs8.replaceAll("-----", "–––––"),
    letters,
  ];
  for (const text of pasted) {
    const pem = canonicalPem(parsePrivateKey(text));
    const said = execFileSync("/usr/bin/python3", ["-c", reader], { input: pem, encoding: "utf8" });
    expect(said.trim()).toMatch(/^_?RSAPrivateKey 2048$/);
  }
});
