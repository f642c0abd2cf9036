/** A name found in the checkout's code, with its place. */
export interface FoundInCode {
  name: string;
  file: string;
  line: number;
}

function inLines(text: string, file: string, pattern: RegExp): FoundInCode[] {
  const seen = new Map<string, FoundInCode>();
  text.split("\n").forEach((line, index) => {
    if (/^\s*#/.test(line)) return;
    for (const match of line.matchAll(pattern)) {
      const name = match[1] ?? match[2] ?? match[0];
      if (name && !seen.has(name)) seen.set(name, { name, file, line: index + 1 });
    }
  });
  return [...seen.values()];
}

/** The keys that Python code reads from a variable, by `variable.get("key")` or `variable["key"]`; each once, at its first place. */
export function fieldsRead(text: string, file: string, variable: string): FoundInCode[] {
  return inLines(
    text,
    file,
    new RegExp(`\\b${variable}(?:\\.get\\(\\s*["'](\\w+)["']|\\[\\s*["'](\\w+)["']\\s*\\])`, "g"),
  );
}

const orderRoute = /["'](\/portfolio\/(?:\w+\/)*orders)["']/g;
/** As many lines lie between a path and its use in a function of ordinary length. */
const mostLinesBetween = 60;

/**
 * The paths below /trade-api/v2 that orders are posted to, as string literals of Python code. Orders are read from paths
 * of the same name: where only some are followed by a POST before the next one, only those count.
 */
export function orderRoutes(text: string, file: string): FoundInCode[] {
  const found = inLines(text, file, orderRoute);
  const lines = text.split("\n");
  const posted = found.filter(({ line }) => {
    const after = lines.slice(line - 1, line - 1 + mostLinesBetween);
    const next = after.findIndex((one, at) => at > 0 && one.search(orderRoute) >= 0);
    return after.slice(0, next < 0 ? undefined : next).some((one) => /\.post\(|["']POST["']/.test(one));
  });
  return posted.length > 0 ? posted : found;
}

/** The first place where a pattern stands in code, comments left out: its first group, else the whole. */
export function firstInCode(text: string, file: string, pattern: RegExp): FoundInCode | undefined {
  return inLines(text, file, new RegExp(pattern, "g"))[0];
}
