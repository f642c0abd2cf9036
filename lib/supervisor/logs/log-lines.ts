/** Lines that REC.IO's programs write. */

const masks: readonly [RegExp, string][] = [
  [/(KALSHI-ACCESS-(?:KEY|SIGNATURE)["']?\s*[:=]\s*["']?)[^"',}\s]+/gi, "$1…"],
  [/((?:password|passwd|secret|token|authorization)["']?\s*[:=]\s*["']?)[^"',}\s]+/gi, "$1…"],
  [/(\bpostgres(?:ql)?:\/\/[^:@/\s]+:)[^@\s]+@/gi, "$1…@"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g, "-----BEGIN PRIVATE KEY----- …"],
];

/** A line without what must not leave the log: signatures and key ids that trade_executor prints, passwords, tokens. Pure. */
export function maskSecrets(line: string): string {
  return masks.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}

/** The last lines of a text, masked, without empty ones at the end. Pure. */
export function lastLines(text: string, count: number): string[] {
  const lines = text.replace(/\s+$/, "").split(/\r?\n/);
  return (lines.length === 1 && lines[0] === "" ? [] : lines.slice(-count)).map(maskSecrets);
}

/** What a line must hold to be called critical. Exceptions of the network libraries are the exchange's or the line's. */
const critical =
  /\bCRITICAL\b|^(?!requests\.|urllib3\.|websockets\.|aiohttp\.|socket\.)[\w.]*(?:Error|Exception): |(?:relation|column|schema|function) .* does not exist|permission denied for|password authentication failed|Address already in use|ModuleNotFoundError|\[rec-hook\]/;

/** Of these the ones that no waiting mends and that are faults of this machine: a broken schema, right, port or environment. */
const broken =
  /(?:relation|column|schema|function) .* does not exist|permission denied|password authentication failed|Address already in use|ModuleNotFoundError|ImportError|SyntaxError|No space left on device|Could not deserialize key data/;

/** True for a critical line that speaks of a fault which stays until somebody mends it. Pure. */
export function isLasting(line: string): boolean {
  return isCritical(line) && broken.test(line);
}

/** Lines that look critical and are not, each with the reason. */
export const harmless: readonly { pattern: RegExp; because: string }[] = [
  {
    pattern: /constraint .* (?:already exists|does not exist)/i,
    because: "kalshi_market_watchdog adds its constraint at every start and ignores the refusal",
  },
  {
    pattern: /WARNING: This is a development server/,
    because: "Flask says so of its own server, which listens on loopback here",
  },
  {
    pattern: /\[rec-hook\] The monitor wanted/,
    because: "the hook held automated trading off, which the order lock's own finding tells",
  },
  {
    pattern: /\[rec-hook\] An order was not sent: the order lock holds/,
    because: "the order lock did what it is there for, which its own finding tells",
  },
];

/** True for a line that says that something is really broken. Pure. */
export function isCritical(line: string): boolean {
  return critical.test(line) && !harmless.some(({ pattern }) => pattern.test(line));
}
