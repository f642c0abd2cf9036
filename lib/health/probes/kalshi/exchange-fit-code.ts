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
      const name = match[1] ?? match[2];
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

/** The paths below /trade-api/v2 that belong to orders, as string literals of Python code. */
export function orderRoutes(text: string, file: string): FoundInCode[] {
  return inLines(text, file, /["'](\/portfolio\/(?:\w+\/)*orders)["']/g);
}
