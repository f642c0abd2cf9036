import type { ContractColumn } from "./contract.ts";

/** Types whose values reach REC.IO's code as the same kind of Python object, and so may stand for each other. */
const alsoAccepted: Readonly<Record<string, readonly string[]>> = {
  real: ["double precision"],
  integer: ["bigint"],
};

function limit(type: string): number | undefined {
  if (type === "text" || type === "character varying") return Number.POSITIVE_INFINITY;
  const found = /^character varying\((\d+)\)$/.exec(type);
  return found ? Number(found[1]) : undefined;
}

/** Digits before and after the point of a numeric; without a limit both are unbounded. */
function digits(type: string): { before: number; after: number } | undefined {
  if (type === "numeric") return { before: Number.POSITIVE_INFINITY, after: Number.POSITIVE_INFINITY };
  const found = /^numeric\((\d+),(-?\d+)\)$/.exec(type);
  return found ? { before: Number(found[1]) - Number(found[2]), after: Number(found[2]) } : undefined;
}

/** True where the code can live with this type: the same, one of the same class, or one with more room. */
export function accepts(wanted: string, found: string): boolean {
  if (wanted === found || alsoAccepted[wanted]?.includes(found)) return true;
  const [wantedLimit, foundLimit] = [limit(wanted), limit(found)];
  if (wantedLimit !== undefined && foundLimit !== undefined) return foundLimit >= wantedLimit;
  const [wantedDigits, foundDigits] = [digits(wanted), digits(found)];
  if (wantedDigits && foundDigits)
    return foundDigits.before >= wantedDigits.before && foundDigits.after >= wantedDigits.after;
  return false;
}

/** True where a change of type loses nothing and rewrites nothing: a text that gets more room. */
export function widens(wanted: string, found: string): boolean {
  return limit(wanted) !== undefined && limit(found) !== undefined && !accepts(wanted, found);
}

/** True where the found default does what the contract asks: it is there, and counts up where a number is to be counted up. */
export function hasDefault(wanted: ContractColumn, found: string | null): boolean {
  if (wanted.default === undefined) return true;
  if (wanted.default === "serial") return found === "serial" || (found?.startsWith("nextval(") ?? false);
  return found !== null;
}

/** Expressions that give the same value, written in one way: no casts, no parentheses, one name for the clock. */
function plain(expression: string): string {
  const bare = expression
    .replace(/::"?[a-z][\w ]*"?(\(\d+(,\s*\d+)?\))?(\[\])?/gi, "")
    .replace(/^\((.*)\)$/, "$1")
    .trim();
  if (/^(now\(\)|current_timestamp|transaction_timestamp\(\))$/i.test(bare)) return "now()";
  const number = /^'?(-?\d+(?:\.\d+)?)'?$/.exec(bare);
  return number ? String(Number(number[1])) : /^(true|false)$/i.test(bare) ? bare.toLowerCase() : bare;
}

/** True where two defaults give the same value. */
export function sameDefault(wanted: string, found: string): boolean {
  return plain(wanted) === plain(found);
}
