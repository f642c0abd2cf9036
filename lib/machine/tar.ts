/*
 * The little of the tar format (POSIX ustar) that is needed: plain files. Written with short names of our own; read from
 * whoever wrote them, so nothing but names, sizes and contents is believed.
 */

const blockBytes = 512;

/** One file of an archive. What is left of `chunks` is skipped when the next one is asked for. */
export interface TarEntry {
  name: string;
  size: number;
  chunks: AsyncIterable<Buffer>;
}

/** How long the archive of files of these sizes is. */
export function tarBytes(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + blockBytes + Math.ceil(size / blockBytes) * blockBytes, 2 * blockBytes);
}

function headerOf(name: string, size: number): Buffer {
  if (Buffer.byteLength(name) > 99) throw new Error(`${name} is too long a name for an archive`);
  const header = Buffer.alloc(blockBytes);
  header.write(name, 0);
  header.write("0000600\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  // Above 8 GiB octal digits are no longer enough, and the size stands as a binary number.
  if (size < 8 ** 11) header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  else {
    header.writeUInt8(0x80, 124);
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** Writes an archive; each entry's chunks must come to its size. */
export async function* writeTar(entries: Iterable<TarEntry>): AsyncGenerator<Buffer> {
  for (const { name, size, chunks } of entries) {
    yield headerOf(name, size);
    let seen = 0;
    for await (const chunk of chunks) {
      seen += chunk.length;
      yield chunk;
    }
    if (seen !== size) throw new Error(`${name} has ${seen} bytes where ${size} were announced`);
    yield Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
  }
  yield Buffer.alloc(2 * blockBytes);
}

/** An archive that ends in its middle, or is none. */
export class NoTar extends Error {
  override name = "NoTar";
}

/** Takes exactly so many bytes from a sequence, however it is cut. */
class Taker {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }
  /** At most `most` bytes, at least one; undefined at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    while (this.#held.length === 0) {
      const next = await this.#source.next();
      if (next.done) return undefined;
      this.#held = next.value;
    }
    const piece = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(piece.length);
    return piece;
  }
  async exactly(bytes: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    for (let left = bytes; left > 0; ) {
      const piece = await this.some(left);
      if (!piece) {
        if (left === bytes) return undefined;
        throw new NoTar("it ends in the middle");
      }
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }
}

const textAt = (header: Buffer, at: number, length: number) =>
  header
    .subarray(at, at + length)
    .toString("utf8")
    .replace(/\0.*$/s, "");

function sizeOf(header: Buffer): number {
  if ((header[124] ?? 0) & 0x80) return Number(header.readBigUInt64BE(128));
  const digits = textAt(header, 124, 12).trim();
  if (!/^[0-7]{1,12}$/.test(digits)) throw new NoTar("a size in it cannot be read");
  return Number.parseInt(digits, 8);
}

function isWhole(header: Buffer): boolean {
  const blank = Buffer.from(header);
  blank.fill(" ", 148, 156);
  const sum = blank.reduce((total, byte) => total + byte, 0);
  return Number.parseInt(textAt(header, 148, 8).trim(), 8) === sum;
}

/** Folders, links and notes of other tars are passed over: only plain files are given out. @throws NoTar */
export async function* readTar(archive: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const taker = new Taker(archive);
  let longName: string | undefined;
  for (;;) {
    const header = await taker.exactly(blockBytes);
    if (!header) throw new NoTar("it ends in the middle");
    if (header.every((byte) => byte === 0)) {
      // What stands behind the end is nothing, and whoever gives it out proves it only when it is taken.
      while (await taker.some(64 * 1024));
      return;
    }
    if (!isWhole(header)) throw new NoTar("it is no tar archive");
    const size = sizeOf(header);
    let left = size;
    const chunks = async function* () {
      while (left > 0) {
        const piece = await taker.some(left);
        if (!piece) throw new NoTar("it ends in the middle");
        left -= piece.length;
        yield piece;
      }
    };
    const kind = String.fromCharCode(header[156] ?? 0);
    if (kind === "L") {
      // GNU tar's way of writing a name that is longer than its field: a file of its own before the file.
      const name = await taker.exactly(Math.min(size, 64 * 1024));
      left -= name?.length ?? 0;
      longName = name?.toString("utf8").replace(/\0.*$/s, "");
    } else if (kind === "0" || kind === "\0" || kind === "7") {
      const prefix = textAt(header, 257, 5) === "ustar" ? textAt(header, 345, 155) : "";
      const short = textAt(header, 0, 100);
      yield { name: longName ?? (prefix ? `${prefix}/${short}` : short), size, chunks: chunks() };
      longName = undefined;
    } else longName = undefined;
    for await (const _rest of chunks());
    await taker.exactly((blockBytes - (size % blockBytes)) % blockBytes);
  }
}
