import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { Problem, sentence } from "../../problem.ts";

// The paths below are of the state folder, never of the project: Next must not trace the project for them.

/** More than any file that a person names: answers, keys, passwords. */
const mostNamedBytes = 1024 * 1024;

/** Makes a folder and its missing parents with mode 0700. A folder that is there keeps its mode. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Writes a file of mode 0600, whole or not at all: temporary neighbour, fsync, rename. */
export function writePrivateFile(path: string, content: string): void {
  makePrivateFolder(dirname(path));
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const file = openSync(/*turbopackIgnore: true*/ temporary, "wx", 0o600);
  try {
    try {
      // Unlike writeSync it never stops half-way without saying so, as on a disk that is nearly full.
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (thrown) {
    removeIfThere(temporary);
    if ((thrown as NodeJS.ErrnoException).code !== "ENOSPC") throw thrown;
    throw new Problem({
      code: "machine.disk-full",
      says: `There is no space left for ${path}.`,
      remedy: sentence("Free some disk space and try again; nothing was written half."),
    });
  }
}

/** Text of a file, or undefined where there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(/*turbopackIgnore: true*/ path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ENOTDIR")
      return undefined;
    throw error;
  }
}

/** Removes a file; nothing happens where there is none. */
export function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** Text of a file that the person names on the command line. Otherwise as {@link readNamedBytes}. */
export function readNamedFile(path: string, what: string, options: { secret?: boolean } = {}): string {
  return readNamedBytes(path, what, options).toString("utf8");
}

/**
 * The bytes of a file that the person names on the command line.
 * @param what how the sentence calls it: "The answers file".
 * @throws Problem `file.not-readable`; with `secret`, `file.open-to-others` where its group or everybody may read it.
 */
export function readNamedBytes(path: string, what: string, options: { secret?: boolean } = {}): Buffer {
  let file: number;
  try {
    // A pipe that nobody writes to would hold the door for ever.
    file = openSync(/*turbopackIgnore: true*/ path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === "ENOENT" || code === "ENOTDIR"
        ? "is not there"
        : code === "EACCES"
          ? "may not be read by this user"
          : `cannot be read (${code})`;
    throw new Problem({
      code: "file.not-readable",
      says: `${what} ${path} ${why}.`,
      remedy: sentence("Name another file, or correct this one."),
    });
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) {
      throw new Problem({
        code: "file.not-readable",
        says: `${what} ${path} is not a file.`,
        remedy: sentence("Name a file."),
      });
    }
    if (options.secret && (facts.mode & 0o077) !== 0) {
      const mode = (facts.mode & 0o777).toString(8).padStart(4, "0");
      throw new Problem({
        code: "file.open-to-others",
        says: `${what} ${path} has mode ${mode}: others on this machine may read it.`,
        remedy: sentence(`Run chmod 600 ${path} and start again.`),
      });
    }
    if (facts.size > mostNamedBytes) {
      throw new Problem({
        code: "file.too-large",
        says: `${what} ${path} is larger than 1 MB.`,
        remedy: sentence("Name another file."),
      });
    }
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** True where something stands at this path. */
export function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
