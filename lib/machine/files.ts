import { randomBytes } from "node:crypto";
import { createReadStream, lstatSync, readFileSync, type Stats, statSync } from "node:fs";
import * as fs from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { projectRoot } from "../paths.ts";
import { Problem, sentence } from "../problem.ts";
import type { FileFacts, Files, Owner } from "./machine.ts";

const codeOf = (thrown: unknown) => (thrown as NodeJS.ErrnoException | undefined)?.code;

/** What a person can do about an error of the file system, by errno. Anything else stays what it is: a bug. */
function fileProblem(thrown: unknown, path: string): unknown {
  const facts = { evidence: { asked: path, cameBack: codeOf(thrown) ?? "" } };
  switch (codeOf(thrown)) {
    case "ENOSPC":
    case "EDQUOT":
      return new Problem({
        code: "machine.disk-full",
        says: `There is no space left for ${path}.`,
        remedy: sentence("Free some disk space and try again; nothing was written half."),
        ...facts,
      });
    case "EACCES":
    case "EPERM":
      return new Problem({
        code: "machine.not-permitted",
        says: `This user may not use ${path}.`,
        remedy: sentence(`Give this user the right to ${path}, or run the command as the user who owns it.`),
        ...facts,
      });
    case "EROFS":
      return new Problem({
        code: "machine.read-only",
        says: `The file system of ${path} is read-only.`,
        remedy: sentence("Name a folder on a file system that can be written."),
        ...facts,
      });
    default:
      return thrown;
  }
}

async function orProblem<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw fileProblem(thrown, path);
  }
}

/** Undefined where there is nothing at that path (or a file where its folder should be). */
async function orNothing<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT" || codeOf(thrown) === "ENOTDIR") return undefined;
    throw fileProblem(thrown, path);
  }
}

function checkAbsolute(path: string): void {
  if (!isAbsolute(path)) throw new Error(`the path is not absolute: ${path}`);
}

/** A new name in a folder is only on disk once the folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Fills a new temporary file beside `path`, then gives it its name: the whole content or nothing. */
async function replace(
  path: string,
  mode: number,
  fill: (handle: fs.FileHandle) => Promise<void>,
  owner?: Owner,
): Promise<void> {
  checkAbsolute(path);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.new`);
  await orProblem(path, async () => {
    const handle = await fs.open(temporary, "wx", mode);
    try {
      try {
        await fill(handle);
        // The umask may have taken bits from the mode at creation; it never adds any.
        await handle.chmod(mode);
        // By the open file and before it has its name: whoever may write in this folder cannot put another in its place.
        if (owner) await handle.chown(owner.uid, owner.gid);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await fs.rename(temporary, path);
      await syncFolder(dirname(path));
    } catch (thrown) {
      await fs.rm(temporary, { force: true });
      throw thrown;
    }
  });
}

function factsIn(found: Stats): FileFacts {
  const kind = found.isFile() ? "file" : found.isDirectory() ? "folder" : found.isSymbolicLink() ? "link" : "other";
  const { size, uid, gid, ctimeMs: changedAt, ino: inode } = found;
  return { kind, mode: found.mode & 0o7777, size, uid, gid, modifiedAt: Math.round(found.mtimeMs), changedAt, inode };
}

async function makeFolder(path: string, mode: number, owner?: Owner): Promise<string[]> {
  checkAbsolute(path);
  const missing: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const facts = await orNothing(folder, () => fs.stat(folder));
    if (facts?.isDirectory()) break;
    if (facts) {
      throw new Problem({
        code: "machine.not-a-folder",
        says: `${folder} is a file, and a folder is needed there.`,
        remedy: sentence(`Move ${folder} away, or name another folder.`),
      });
    }
    missing.unshift(folder);
  }
  for (const folder of missing) {
    await orProblem(folder, async () => {
      await fs.mkdir(folder, { mode });
      await fs.chmod(folder, mode);
      if (owner) await fs.lchown(folder, owner.uid, owner.gid);
      await syncFolder(dirname(folder));
    });
  }
  return missing;
}

/** Removes a tree that lies truly (links followed) below `fence`, and nothing else. */
async function removeTree(path: string, fence: string): Promise<void> {
  checkAbsolute(path);
  const folder = await orNothing(path, () => fs.realpath(dirname(resolve(path))));
  if (folder === undefined) return;
  const target = join(folder, basename(resolve(path)));
  const inside = relative((await orNothing(fence, () => fs.realpath(fence))) ?? resolve(fence), target);
  if (inside === "" || inside.startsWith("..") || isAbsolute(inside)) {
    throw new Error(`refusing to remove ${target}: it is not inside ${fence}`);
  }
  await orProblem(target, () => fs.rm(target, { recursive: true, force: true, maxRetries: 3 }));
  const above = dirname(target);
  await orProblem(above, () => syncFolder(above));
}

/** Throws a Problem `machine.file-exists` where something has that name already. */
async function writeNew(path: string, chunks: AsyncIterable<Buffer>, mode: number): Promise<void> {
  checkAbsolute(path);
  const handle = await fs.open(path, "wx", mode).catch((thrown: unknown) => {
    if (codeOf(thrown) !== "EEXIST") throw fileProblem(thrown, path);
    throw new Problem({
      code: "machine.file-exists",
      says: `${path} is there already, and is not overwritten.`,
      remedy: sentence("Name another file, or move that one away."),
    });
  });
  try {
    try {
      // Unlike a single write, this one goes on until all of a piece is on the disk.
      for await (const chunk of chunks) await orProblem(path, () => handle.appendFile(chunk));
      await orProblem(path, () => handle.sync());
    } finally {
      await handle.close();
    }
    await syncFolder(dirname(path));
  } catch (thrown) {
    await fs.rm(path, { force: true });
    throw thrown;
  }
}

async function tail(path: string, bytes: number): Promise<string | undefined> {
  return orNothing(path, async () => {
    const handle = await fs.open(path, "r");
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, bytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      let start = 0;
      // Continuation bytes at the start belong to a character whose beginning was cut off.
      if (length < size) while (start < bytesRead && ((buffer[start] ?? 0) & 0xc0) === 0x80) start += 1;
      return buffer.toString("utf8", start, bytesRead);
    } finally {
      await handle.close();
    }
  });
}

/** For so long a folder that was found on the disk of our state is taken to be there. */
const sameDiskMs = 600_000;

/**
 * Files of this machine. `stateFolder` fences what {@link Files.removeTree} may remove.
 *
 * What is small and near (our own state and program, the kernel's tables) is read at once: a way through the thread pool costs ten
 * times the reading itself, and the watching server does it all day. A person's checkout may lie on a disk that hangs,
 * and then a question may hang and not the server; where it lies on the very disk of our state, both hang or neither.
 */
export function localFiles(stateFolder: string): Files {
  const nearFolders = [stateFolder, projectRoot(), "/proc"].map((folder) => `${folder}/`);
  // Folders on the disk of our state, each until it is looked at again.
  const sameDisk = new Map<string, number>();
  const near = (path: string) =>
    nearFolders.some((folder) => path.startsWith(folder)) || (sameDisk.get(dirname(path)) ?? 0) > performance.now();
  const lookAt = async (path: string): Promise<Stats> => {
    if (near(path)) return lstatSync(path);
    const found = await fs.lstat(path);
    const ours = statSync(stateFolder, { throwIfNoEntry: false });
    if (found.dev === ours?.dev) sameDisk.set(dirname(path), performance.now() + sameDiskMs);
    return found;
  };
  return {
    facts: (path) => orNothing(path, async () => factsIn(await lookAt(path))),
    read: (path) =>
      orNothing(path, async () =>
        // A pipe in place of a file would hold up the whole server, where it may hold up one question.
        near(path) && statSync(path).isFile() ? readFileSync(path, "utf8") : fs.readFile(path, "utf8"),
      ),
    chunks: (path) => createReadStream(path, { highWaterMark: 256 * 1024 }),
    readBytes: (path) => orNothing(path, () => fs.readFile(path)),
    tail,
    realPath: (path) => orNothing(path, () => fs.realpath(path)),
    write: (path, content, mode, owner) => replace(path, mode, (handle) => handle.writeFile(content), owner),
    append: (path, content, mode) =>
      orProblem(path, async () => {
        checkAbsolute(path);
        const handle = await fs.open(path, "a", mode);
        try {
          await handle.appendFile(content);
          await handle.sync();
        } finally {
          await handle.close();
        }
      }),
    writeNew,
    makeFolder,
    list: async (path) => (await orNothing(path, () => fs.readdir(path)))?.sort() ?? [],
    remove: async (path) => {
      checkAbsolute(path);
      await orProblem(path, () => fs.rm(path, { force: true }));
    },
    removeFolder: async (path) => {
      checkAbsolute(path);
      try {
        await fs.rmdir(path);
      } catch (thrown) {
        if (["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"].includes(codeOf(thrown) ?? "")) return false;
        throw fileProblem(thrown, path);
      }
      await syncFolder(dirname(path));
      return true;
    },
    removeTree: (path, within = stateFolder) => removeTree(path, within),
    rename: (from, to) =>
      orProblem(to, async () => {
        await fs.rename(from, to);
        await syncFolder(dirname(to));
      }),
    copy: (from, to, mode) =>
      replace(to, mode, async (handle) => {
        for await (const chunk of createReadStream(from)) await handle.write(chunk as Buffer);
      }),
    setMode: (path, mode) => orProblem(path, () => fs.chmod(path, mode)),
    setOwner: (path, uid, gid) => orProblem(path, () => fs.lchown(path, uid, gid)),
  };
}
