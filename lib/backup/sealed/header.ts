import { createHash, createHmac, randomBytes, scrypt } from "node:crypto";
import { Problem, sentence } from "../../problem.ts";

/*
 * The head of a sealed file, 76 bytes, numbers in network order:
 *
 *   0  16  "rec-io-backup\r\n\x1a": what it is; the last three bytes do not survive a transfer "as text"
 *  16   2  version of the format, 1
 *  18   1  scrypt: binary logarithm of N
 *  19   1  scrypt: r
 *  20   1  scrypt: p
 *  21  16  scrypt: salt
 *  37   7  the first bytes of every nonce
 *  44   8  length of the whole file in bytes
 *  52   8  the first bytes of SHA-256 over what stands before: damage is told from a wrong passphrase
 *  60  16  the first bytes of HMAC-SHA-256 over what stands before, with the second half of what scrypt gives
 *
 * Then chunks of 64 KiB, the last one shorter: AES-256-GCM with the first half of what scrypt gives, nonce = the seven
 * bytes, the chunk's number (4 bytes) and 1 for the last chunk or 0 (1 byte); the whole head is authenticated with each.
 * Behind each chunk stand its 16 bytes of tag. What is inside is a tar archive (docs/backup.md).
 */

export const headBytes = 76;
export const chunkBytes = 64 * 1024;
export const tagBytes = 16;

const magic = Buffer.from("rec-io-backup\r\n\x1a", "latin1");
const version = 1;
/** A second of one core and 128 MiB for each try of whoever guesses. */
const cost = { log2N: 17, r: 8, p: 1 };
/** Another file may ask for less or more, within what a machine can carry. */
const dearest = { log2N: 20, r: 8, p: 4 };

/** What is needed to seal or to open the chunks of one file. */
export interface Keys {
  head: Buffer;
  key: Buffer;
  noncePrefix: Buffer;
}

/** How long the sealed form of so many bytes is. */
export function sealedBytes(plain: number): number {
  return headBytes + plain + tagBytes * Math.max(1, Math.ceil(plain / chunkBytes));
}

function derive(passphrase: string, salt: Buffer, { log2N, r, p }: typeof cost): Promise<Buffer> {
  // The same letters typed on another system may be other bytes: one form is taken for all.
  const text = Buffer.from(passphrase.normalize("NFC"), "utf8");
  return new Promise((resolve, reject) =>
    scrypt(text, salt, 64, { N: 2 ** log2N, r, p, maxmem: 256 * 2 ** log2N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
}

const digestOf = (head: Buffer) => createHash("sha256").update(head.subarray(0, 52)).digest().subarray(0, 8);
const verifierOf = (head: Buffer, secret: Buffer) =>
  createHmac("sha256", secret).update(head.subarray(0, 60)).digest().subarray(0, 16);

/** A new head for a file that will be `length` bytes long. */
export async function newHead(passphrase: string, length: number): Promise<Keys> {
  const head = Buffer.alloc(headBytes);
  const [salt, noncePrefix] = [randomBytes(16), randomBytes(7)];
  magic.copy(head);
  head.writeUInt16BE(version, 16);
  head.set([cost.log2N, cost.r, cost.p], 18);
  salt.copy(head, 21);
  noncePrefix.copy(head, 37);
  head.writeBigUInt64BE(BigInt(length), 44);
  digestOf(head).copy(head, 52);
  const derived = await derive(passphrase, salt, cost);
  verifierOf(head, derived.subarray(32)).copy(head, 60);
  return { head, key: derived.subarray(0, 32), noncePrefix };
}

function unusable(code: string, says: string, remedy: string): Problem {
  return new Problem({ code: `backup.${code}`, says, remedy: sentence(`${remedy} Nothing was changed.`) });
}

export function damaged(path: string, where: string): Problem {
  return unusable("damaged", `The backup ${path} is damaged: ${where}.`, "Take another copy of the file.");
}

/**
 * Reads a head and proves the passphrase.
 * @param size of the file, in bytes
 * @throws Problem `backup.not-a-backup`, `backup.format-unknown`, `backup.truncated`, `backup.damaged` or
 *   `backup.passphrase-wrong`.
 */
export async function readHead(head: Buffer, size: number, path: string, passphrase: string): Promise<Keys> {
  checkHead(head, size, path);
  const [log2N, r, p] = [head.readUInt8(18), head.readUInt8(19), head.readUInt8(20)];
  const derived = await derive(passphrase, head.subarray(21, 37), { log2N, r, p });
  if (!verifierOf(head, derived.subarray(32)).equals(head.subarray(60)))
    throw unusable("passphrase-wrong", `This is not the passphrase of ${path}.`, "Give the one it was made with.");
  return { head, key: derived.subarray(0, 32), noncePrefix: head.subarray(37, 44) };
}

/** What can be told of a head before anybody is asked for a passphrase. @throws Problem as {@link readHead} */
export function checkHead(head: Buffer, size: number, path: string): void {
  if (!head.subarray(0, magic.length).equals(magic.subarray(0, head.length)) || head.length < 13)
    throw unusable("not-a-backup", `${path} is no backup of REC.IO Setup.`, "Name the file that npm run backup made.");
  if (head.length < headBytes)
    throw unusable("truncated", `The backup ${path} is cut off after ${size} bytes.`, "Take another copy of the file.");
  const format = head.readUInt16BE(16);
  if (format !== version)
    throw unusable(
      "format-unknown",
      `The backup ${path} is of format ${format}, and this version of REC.IO Setup reads format ${version}.`,
      "Use the version that made it, or a newer one.",
    );
  if (!digestOf(head).equals(head.subarray(52, 60)))
    throw damaged(path, "its first bytes are not as they were written");
  const [log2N, r, p] = [head.readUInt8(18), head.readUInt8(19), head.readUInt8(20)];
  if (log2N < 10 || log2N > dearest.log2N || r < 1 || r > dearest.r || p < 1 || p > dearest.p)
    throw damaged(path, "what it asks of the passphrase's key is not usable");
  const length = Number(head.readBigUInt64BE(44));
  if (size < length)
    throw unusable(
      "truncated",
      `The backup ${path} is cut off: ${size} of ${length} bytes are there.`,
      "Take another copy of the file.",
    );
  if (size > length) throw damaged(path, `${size - length} bytes stand behind its end`);
}
