import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Files } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";
import {
  checkHead,
  chunkBytes,
  damaged,
  headBytes,
  type Keys,
  newHead,
  readHead,
  sealedBytes,
  tagBytes,
} from "./header.ts";

function nonceOf({ noncePrefix }: Keys, number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  noncePrefix.copy(nonce);
  nonce.writeUInt32BE(number, 7);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

function sealChunk(keys: Keys, plain: Buffer, number: number, isLast: boolean): Buffer {
  const cipher = createCipheriv("aes-256-gcm", keys.key, nonceOf(keys, number, isLast), { authTagLength: tagBytes });
  cipher.setAAD(keys.head);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The plain chunk, or undefined where it is not what was sealed at this place. */
function openChunk(keys: Keys, sealed: Buffer, number: number, isLast: boolean): Buffer | undefined {
  if (sealed.length < tagBytes) return undefined;
  const nonce = nonceOf(keys, number, isLast);
  const decipher = createDecipheriv("aes-256-gcm", keys.key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(keys.head);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

/** The same bytes in pieces of `size`; the last one is what is left, empty only where there was nothing at all. */
async function* piecesOf(
  chunks: AsyncIterable<Buffer>,
  size: number,
): AsyncGenerator<{ piece: Buffer; isLast: boolean }> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes <= size) continue;
    const all = Buffer.concat(held);
    let from = 0;
    // A piece is given out only when something stands behind it: the last one is marked.
    for (; all.length - from > size; from += size) yield { piece: all.subarray(from, from + size), isLast: false };
    held = [all.subarray(from)];
    bytes = all.length - from;
  }
  yield { piece: Buffer.concat(held), isLast: true };
}

/**
 * Seals a sequence of bytes with a passphrase.
 * @param plainBytes how many there will be; it is an error of ours where there are more or fewer
 */
export async function* seal(
  plain: AsyncIterable<Buffer>,
  plainBytes: number,
  passphrase: string,
): AsyncGenerator<Buffer> {
  const keys = await newHead(passphrase, sealedBytes(plainBytes));
  yield keys.head;
  let number = 0;
  let seen = 0;
  for await (const { piece, isLast } of piecesOf(plain, chunkBytes)) {
    seen += piece.length;
    yield sealChunk(keys, piece, number, isLast);
    number += 1;
  }
  if (seen !== plainBytes) throw new Error(`${seen} bytes were sealed where ${plainBytes} were announced`);
}

async function* allAfter(chunks: AsyncIterable<Buffer>, skip: number): AsyncGenerator<Buffer> {
  let left = skip;
  for await (const chunk of chunks) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield chunk.subarray(left);
      left = 0;
    }
  }
}

type Readable = Pick<Files, "facts" | "chunks">;

async function headOf(files: Readable, path: string): Promise<{ head: Buffer; size: number }> {
  const facts = await files.facts(path);
  if (facts?.kind !== "file")
    throw new Problem({
      code: "backup.not-there",
      says: facts ? `${path} is no file.` : `There is no file ${path}.`,
      remedy: sentence("Name the file that npm run backup made."),
    });
  for await (const chunk of files.chunks(path)) return { head: chunk.subarray(0, headBytes), size: facts.size };
  return { head: Buffer.alloc(0), size: 0 };
}

/** Looks whether a file can be a backup that is whole, before anybody is asked for its passphrase. @throws Problem */
export async function checkSealed(files: Readable, path: string): Promise<void> {
  const { head, size } = await headOf(files, path);
  checkHead(head, size, path);
}

/**
 * The plain bytes of a sealed file, each chunk proven before it is given out.
 * @throws Problem `backup.…` where it is none, cut off, damaged, or sealed with another passphrase.
 */
export async function* openSealed(files: Readable, path: string, passphrase: string): AsyncGenerator<Buffer> {
  const { head, size } = await headOf(files, path);
  const keys = await readHead(head, size, path, passphrase);
  let number = 0;
  for await (const { piece, isLast } of piecesOf(allAfter(files.chunks(path), headBytes), chunkBytes + tagBytes)) {
    const plain = openChunk(keys, piece, number, isLast);
    if (!plain)
      throw damaged(
        path,
        `what stands at byte ${headBytes + number * (chunkBytes + tagBytes)} is not what was written`,
      );
    yield plain;
    number += 1;
  }
}
