import { randomBytes } from "node:crypto";
import { linkSync, renameSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { Problem, sentence } from "../../problem.ts";
import { makePrivateFolder, readIfThere, removeIfThere, writePrivateFile } from "./private-file.ts";
import { identityOf, type ProcessIdentity, processIdentity, stillRuns } from "./process-identity.ts";

/** The right to write in a state folder. */
export interface StateLock {
  /** False where somebody took the lock away by hand: then nothing may be written any more. */
  held(): boolean;
  release(): void;
}

function readLock(path: string): { text: string; holder: ProcessIdentity | undefined } | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return { text, holder: processIdentity.safeParse(JSON.parse(text)).data };
  } catch {
    return { text, holder: undefined };
  }
}

/** The process that holds the lock now, or undefined. Changes nothing. */
export function lockHolder(path: string): ProcessIdentity | undefined {
  const holder = readLock(path)?.holder;
  return holder && stillRuns(holder) ? holder : undefined;
}

/** Moves a dead holder's lock out of the way; puts it back if it was meanwhile replaced by a living one. */
function breakStale(path: string, judged: string): void {
  const aside = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readIfThere(aside) !== judged) {
    try {
      linkSync(aside, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  unlinkSync(aside);
}

/**
 * Takes the state's lock for this process. A lock whose process is gone, or whose number belongs to a later process, is
 * taken over.
 * @param path paths.lock
 * @throws Problem `state.held`, naming the process that holds it.
 */
export function takeLock(path: string): StateLock {
  makePrivateFolder(dirname(path));
  const mine = JSON.stringify({ ...identityOf(process.pid), token: randomBytes(8).toString("hex") });
  const candidate = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writePrivateFile(candidate, mine);
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        // A hard link appears whole or not at all: nobody ever reads half a lock.
        linkSync(candidate, path);
        return {
          held: () => readIfThere(path) === mine,
          release: () => readIfThere(path) === mine && removeIfThere(path),
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const found = readLock(path);
      if (!found) continue;
      if (found.holder && stillRuns(found.holder)) {
        throw new Problem({
          code: "state.held",
          says: `Process ${found.holder.pid} is at work in ${dirname(path)}.`,
          remedy: sentence("Wait until it is done, or end it with npm run stop."),
        });
      }
      breakStale(path, found.text);
    }
  } finally {
    removeIfThere(candidate);
  }
  throw new Problem({
    code: "state.held",
    says: `Several processes want to work in ${dirname(path)} at once.`,
    remedy: sentence("Start again when the others are done."),
  });
}
