import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

const iterations = 4096;

/**
 * What PostgreSQL stores of a password (RFC 5803, SCRAM-SHA-256). A role is made with this instead of the password, so
 * that the password travels in no statement and stands in no server log. The password must be plain ASCII, as the
 * generated ones are: others would need SASLprep first.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new Error("a verifier is made of an ASCII password");
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const keyed = (text: string) => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(keyed("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${keyed("Server Key").toString("base64")}`;
}

/** A password of 43 letters, digits, dashes and underscores: 256 bits, safe in a URL and in every configuration file. */
export function generatePassword(): string {
  return randomBytes(32).toString("base64url");
}
