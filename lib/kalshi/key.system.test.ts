import { execFileSync } from "node:child_process";
import { expect, test } from "playwright/test";
import { encryptedLegacy, encryptedPkcs8, healed } from "./key/pasted.ts";
import { healedElsewhere } from "./key/pasted-from-elsewhere.ts";
import { canonicalPem, parsePrivateKey } from "./key.ts";

/** Loads PEMs from standard input as REC.IO does (trade_executor.py), and prints kind and size of each key. */
const reader = `
import json, sys
from cryptography.hazmat.primitives import serialization
for pem in json.load(sys.stdin):
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    print(type(key).__name__, key.key_size)
`;

test("Python's cryptography reads the canonical form of every healed key", () => {
  const pems = [
    ...[...healed, ...healedElsewhere].map(([, text]) => canonicalPem(parsePrivateKey(text))),
    ...[encryptedPkcs8, encryptedLegacy].map((text) => canonicalPem(parsePrivateKey(text, "open sesame"))),
  ];
  const said = execFileSync("/usr/bin/python3", ["-c", reader], { input: JSON.stringify(pems), encoding: "utf8" });
  const kinds = said.trim().split("\n");
  expect(kinds).toHaveLength(pems.length);
  for (const kind of kinds) expect(kind).toMatch(/^_?RSAPrivateKey 2048$/);
  test.info().annotations.push({ type: "shows", description: `${kinds.length} PEMs read by Python's cryptography` });
});
