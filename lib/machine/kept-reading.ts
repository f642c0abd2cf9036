import type { FileFacts, Files } from "./machine.ts";

/** A file that was changed so shortly before it was read may be changed again without its times telling. */
const settledAfterMs = 2_000;

/** One line that changes when the file does: nobody can write a file and leave all of this as it was. Pure. */
export function stampOf(facts: FileFacts | undefined): string {
  return facts ? `${facts.kind}/${facts.inode}/${facts.size}/${facts.modifiedAt}/${facts.changedAt}` : "-";
}

/** One line that changes when any of these files does. */
export async function stampOfAll(files: Pick<Files, "facts">, paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map((path) => files.facts(path)))).map(stampOf).join(" ");
}

/**
 * Reads files and keeps what they meant for as long as they are the very same files: looking whether one changed costs a
 * fifth of reading it, and nothing has to be understood anew. A link is read each time, for its end may change alone.
 * @param understand what the text of a file means; undefined where there is no file. Pure.
 */
export function keptReading<T>(
  understand: (text: string | undefined) => T,
): (files: Pick<Files, "facts" | "read">, path: string) => Promise<T> {
  const known = new Map<string, { stamp: string; value: T }>();
  return async (files, path) => {
    const facts = await files.facts(path);
    const stamp = stampOf(facts);
    const kept = known.get(path);
    if (kept?.stamp === stamp) return kept.value;
    const value = understand(facts && (await files.read(path)));
    if (facts?.kind === "file" && Date.now() - facts.changedAt > settledAfterMs) known.set(path, { stamp, value });
    else known.delete(path);
    return value;
  };
}
