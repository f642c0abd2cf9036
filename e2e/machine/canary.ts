import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Larger files hold a database or a program, and are no place where a key could be overlooked by a person. */
const mostBytes = 8 * 1024 * 1024;

/** Files below a folder whose text holds one of the words, by their path in it. */
export function filesWith(folder: string, words: readonly string[], leaveOut: readonly string[] = []): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (leaveOut.includes(path)) return [];
    if (entry.isDirectory()) return filesWith(path, words, leaveOut).map((file) => `/${entry.name}${file}`);
    if (!entry.isFile()) return [];
    try {
      if (statSync(path).size > mostBytes) return [];
      const text = readFileSync(path, "latin1");
      return words.some((word) => text.includes(word)) ? [`/${entry.name}`] : [];
    } catch {
      // A log was turned over, or a program has put something else in its place.
      return [];
    }
  });
}

/** Command lines and environments of every process of this user, as /proc tells them. */
export function processTexts(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) =>
      ["cmdline", "environ"].map((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, "latin1");
        } catch {
          // It has ended meanwhile, or is another user's.
          return "";
        }
      }),
    );
}

/** The lines of a private key that are nobody else's: whole lines of its letters. */
export function keyLines(pem: string): string[] {
  return pem.split("\n").filter((line) => line.length === 64);
}
