import { Problem, sentence } from "../../problem.ts";

const recreate = "Create a new key on Kalshi's account page, choose RSA, and give its file here.";
const giveFile = "Give the file that Kalshi offered for download when the key was created.";

/**
 * Every way in which a text is no key for REC.IO: what is wrong, and what to do. No two share a sentence, and none is
 * built from the text itself.
 */
const refusals = {
  empty: ["No private key was given.", giveFile],
  "too-long": ["The text is far longer than any private key.", giveFile],
  binary: ["The text is a binary file, not a key in text form.", giveFile],
  "is-key-id": [
    "The key id stands in the private key's place.",
    "Put the id in the field of the key id and the key's file here.",
  ],
  placeholder: ["This is the placeholder that REC.IO's own install script writes, not a key.", giveFile],
  "is-path": ["This is the path of a file, not the key in it.", "Choose the file, or paste what it holds."],
  garbage: ["The text is not a private key in any known form.", giveFile],
  "foreign-characters": [
    "The key's text holds characters that no key has.",
    `${giveFile} A word processor may have changed it.`,
  ],
  "cut-off": ["The key's text is cut off: its end is missing.", "Copy the whole file, from BEGIN to END."],
  "nothing-inside": ["Nothing stands between BEGIN and END.", "Copy the whole file, from BEGIN to END."],
  "no-key-inside": ["What stands between BEGIN and END is no key of any known form.", giveFile],
  incomplete: ["A part of the key's text is missing.", "Copy the whole file at once, and not line by line."],
  "case-lost": ["The key's text lost its capital or its small letters.", giveFile],
  hidden: [
    "The key is hidden here: dots, stars or a word stand in its place.",
    "Kalshi shows a key once, when it is created: give the file that was saved then, or create a new key.",
  ],
  example: ["This is the example of a manual, not a key.", giveFile],
  "program-word": ["This is a program's word for nothing, not a key.", giveFile],
  "too-much": ["The key's text goes on after the end of the key.", "Give one key alone."],
  "several-keys": ["The text holds more than one private key.", "Give one key alone."],
  damaged: ["The key's text is damaged: its parts do not fit together.", giveFile],
  ed25519: [
    "This is an Ed25519 key: Kalshi accepts it, REC.IO cannot sign with it.",
    `Ed25519 is what Kalshi's page proposes since September 2026. ${recreate}`,
  ],
  "elliptic-curve": ["This is an elliptic-curve key; Kalshi has no such keys.", recreate],
  "rsa-pss": ["This RSA key is bound to PSS by its type; REC.IO's code cannot load it.", recreate],
  dsa: ["This is a DSA key; Kalshi has no such keys.", recreate],
  "other-kind": ["This is a private key of a kind that Kalshi does not use.", recreate],
  encrypted: [
    "The key is encrypted with a passphrase; REC.IO cannot open it.",
    "Give its passphrase, or the file without encryption: openssl pkey -in FILE -out NEW_FILE asks for the passphrase and writes it.",
  ],
  "wrong-passphrase": [
    "The passphrase does not open the key.",
    "Give the passphrase again, or the file without encryption.",
  ],
  openssh: ["This is an OpenSSH key, made for logging in to servers.", recreate],
  putty: ["This is a PuTTY key, made for logging in to servers.", recreate],
  pgp: ["This is a PGP key, made for mail.", recreate],
  "public-key": ["This is the public half of a key; signing needs the private one.", giveFile],
  "ssh-public-key": ["This is the public half of an SSH key.", recreate],
  certificate: ["This is a certificate, not a private key.", giveFile],
  "certificate-request": ["This is a request for a certificate, not a private key.", giveFile],
  "is-email": ["This is an e-mail address, not a private key: Kalshi has no login by e-mail for programs.", giveFile],
  "is-address": ["This is the address of a web page, not the key.", giveFile],
  "rich-text": [
    "This is a document of a word processor, not a key in plain text.",
    `${giveFile} Do not open it in a word processor.`,
  ],
  container: ["This is a bundle of certificates (PKCS#7 or PKCS#12), not a private key.", giveFile],
  "web-page": ["This is a web page, not a key.", giveFile],
} as const;

export type KeyRefusal = keyof typeof refusals | "too-short";

/** Every code with its sentence, for tests and for documentation. */
export const keyRefusals: Readonly<Record<string, readonly [says: string, remedy: string]>> = refusals;

/** The Problem for one refusal. `bits` only for a key that is too short: it is no secret. */
export function keyRefused(why: KeyRefusal, facts?: { bits: number }): Problem {
  if (why === "too-short") {
    return new Problem({
      code: "kalshi.key-too-short",
      says: `This RSA key has ${facts?.bits ?? 0} bits; Kalshi's have 2048.`,
      remedy: sentence(recreate),
    });
  }
  const [says, remedy] = refusals[why];
  return new Problem({ code: `kalshi.key-${why}`, says, remedy: sentence(remedy) });
}
