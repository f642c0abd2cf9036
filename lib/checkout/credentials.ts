/** Files of one environment's key, in the order in which they are written: the pair before what is only shown. */
export const credentialFiles = ["kalshi.pem", ".env", "kalshi-auth.txt"] as const;
export type CredentialFile = (typeof credentialFiles)[number];

/**
 * The content of each file as REC.IO reads it: trade_executor.py:57 and the account sync read KALSHI_API_KEY_ID from
 * `.env` and `kalshi.pem` beside it, main.py:1598 the e-mail line of `kalshi-auth.txt` for showing. Pure.
 * @param pem unencrypted PKCS#1, as `canonicalPem` gives it.
 */
export function credentialTexts(key: { keyId: string; pem: string; email: string }): Record<CredentialFile, string> {
  return {
    "kalshi.pem": key.pem,
    ".env": `KALSHI_API_KEY_ID=${key.keyId}\nKALSHI_PRIVATE_KEY_PATH=kalshi.pem\n`,
    "kalshi-auth.txt": `email:${key.email}\nkey:${key.keyId}\n`,
  };
}

/** The key id that a `.env` names, without quotes, or undefined where it names none. Pure. */
export function keyIdIn(dotenv: string): string | undefined {
  const line = /^\s*(?:export\s+)?KALSHI_API_KEY_ID\s*=\s*(.*)$/m.exec(dotenv)?.[1];
  return line?.trim().replace(/^(["'])(.*)\1$/, "$2") || undefined;
}
