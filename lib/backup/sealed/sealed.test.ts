import { createDecipheriv, randomBytes, randomUUID, scryptSync } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localFiles } from "../../machine/files.ts";
import { readTar, tarBytes, writeTar } from "../../machine/tar.ts";
import { isProblem } from "../../problem.ts";
import { chunkBytes, headBytes, sealedBytes, tagBytes } from "./header.ts";
import { openSealed, seal } from "./sealed.ts";

const folder = join(tmpdir(), `rec-io-sealed-${randomUUID()}`);
const files = localFiles(folder);
// Made when a test of this file runs, not wherever the file is only read.
test.beforeAll(() => mkdirSync(folder, { mode: 0o700 }));
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* cut(bytes: Buffer, size: number) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function opened(path: string, passphrase: string): Promise<Buffer | string> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of openSealed(files, path, passphrase)) pieces.push(piece);
    return Buffer.concat(pieces);
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return `${thrown.code}: ${thrown.says}`;
  }
}

test("What is sealed comes back, whatever its length and however it is cut", async () => {
  for (const length of [0, 1, chunkBytes, 2 * chunkBytes + 1]) {
    const plain = randomBytes(length);
    const path = join(folder, `length-${length}`);
    await files.writeNew(path, seal(cut(plain, 50_000), length, "pass phrase ö"), 0o600);
    expect(statSync(path).size).toBe(sealedBytes(length));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    // The same letters, typed on a system that writes ö as o and two dots.
    expect((await opened(path, "pass phrase o\u0308")) as Buffer).toEqual(plain);
  }
  await expect(files.writeNew(join(folder, "length-1"), cut(Buffer.alloc(1), 1), 0o600)).rejects.toMatchObject({
    code: "machine.file-exists",
  });
});

test("A file that is cut off, damaged, another's or of another passphrase says which, and gives nothing that was changed", async () => {
  const plain = randomBytes(2 * chunkBytes + 100);
  const path = join(folder, "whole");
  await files.writeNew(path, seal(cut(plain, 9_999), plain.length, "the right one"), 0o600);
  const whole = readFileSync(path);
  const changed = async (bytes: Buffer, passphrase = "the right one") => {
    const other = join(folder, "changed");
    writeFileSync(other, bytes);
    return String(await opened(other, passphrase)).replaceAll(other, "FILE");
  };
  const flipped = (at: number) => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return bytes;
  };
  expect(await changed(whole, "a wrong one")).toBe("backup.passphrase-wrong: This is not the passphrase of FILE.");
  // At the end of a chunk too, where every chunk that is there is whole.
  for (const left of [whole.length - 1, headBytes + chunkBytes + tagBytes, headBytes, 20])
    expect(await changed(whole.subarray(0, left))).toMatch(/^backup\.truncated: The backup FILE is cut off/);
  expect(await changed(Buffer.concat([whole, Buffer.from("more")]))).toMatch(/damaged: 4 bytes stand behind its end/);
  for (const at of [19, 25, 40, 50, 55]) expect(await changed(flipped(at))).toMatch(/^backup\.damaged/);
  expect(await changed(flipped(17))).toMatch(/^backup\.format-unknown: .* format 0/);
  const second = headBytes + chunkBytes + tagBytes;
  for (const at of [second, second + 5, second + chunkBytes + 3])
    expect(await changed(flipped(at))).toBe(
      `backup.damaged: The backup FILE is damaged: what stands at byte ${second} is not what was written.`,
    );
  // Two chunks that changed places are each whole, and the file is not.
  const [first, other] = [whole.subarray(headBytes, second), whole.subarray(second, second + second - headBytes)];
  const swapped = Buffer.concat([whole.subarray(0, headBytes), other, first, whole.subarray(2 * second - headBytes)]);
  expect(await changed(swapped)).toMatch(/^backup\.damaged/);
  expect(await changed(Buffer.from("SQL dump of something"))).toBe(
    "backup.not-a-backup: FILE is no backup of REC.IO Setup.",
  );
  expect(await changed(Buffer.alloc(0))).toMatch(/^backup\.not-a-backup/);
});

test("The format is the one that is written down: it is opened here with nothing but the description", async () => {
  const path = join(folder, "described");
  await files.writeNew(path, seal(cut(Buffer.from("hello"), 5), 5, "opened by hand"), 0o600);
  const file = readFileSync(path);
  const [n, r, p] = [2 ** file.readUInt8(18), file.readUInt8(19), file.readUInt8(20)];
  const key = scryptSync("opened by hand", file.subarray(21, 37), 64, { N: n, r, p, maxmem: 2 ** 28 }).subarray(0, 32);
  const decipher = createDecipheriv(
    "aes-256-gcm",
    key,
    Buffer.concat([file.subarray(37, 44), Buffer.from([0, 0, 0, 0, 1])]),
  );
  decipher.setAAD(file.subarray(0, 76));
  decipher.setAuthTag(file.subarray(-16));
  expect(Buffer.concat([decipher.update(file.subarray(76, -16)), decipher.final()]).toString()).toBe("hello");
});

test("An archive is read back as it was written, and what is none is told", async () => {
  const entries = [
    ["manifest.json", Buffer.from("{}")],
    ["data/1", randomBytes(100_000)],
    ["data/2", Buffer.alloc(0)],
    ["data/3", randomBytes(512)],
  ] as const;
  const written: Buffer[] = [];
  const tar = writeTar(entries.map(([name, bytes]) => ({ name, size: bytes.length, chunks: cut(bytes, 7_000) })));
  for await (const piece of tar) written.push(piece);
  const archive = Buffer.concat(written);
  expect(archive.length).toBe(tarBytes(entries.map(([, bytes]) => bytes.length)));
  const read: [string, Buffer][] = [];
  for await (const entry of readTar(cut(archive, 1_000))) {
    const pieces: Buffer[] = [];
    // What nobody takes of an entry is passed over.
    if (entry.name !== "data/1") for await (const piece of entry.chunks) pieces.push(piece);
    read.push([entry.name, Buffer.concat(pieces)]);
  }
  expect(read).toEqual(entries.map(([name, bytes]) => [name, name === "data/1" ? Buffer.alloc(0) : bytes]));
  for (const bytes of [archive.subarray(0, 50_000), Buffer.from("no archive".repeat(100)), archive.subarray(0, 100)])
    await expect(async () => {
      for await (const _ of readTar(cut(bytes, 999)));
    }).rejects.toThrow(/it ends in the middle|it is no tar archive/);
});
