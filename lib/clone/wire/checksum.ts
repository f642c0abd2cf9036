import zlib from "node:zlib";

/** The native CRC-32 of Node 20.15 and later; older ones have none. */
const native = (zlib as unknown as { crc32?: (data: Uint8Array, value?: number) => number }).crc32;

const polynomial = 0xedb88320;
const table = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
  return value >>> 0;
});

/** CRC-32 (of zlib and PNG) in JavaScript, continued from `before`. Slower than the native one, with the same result. */
export function plainChecksum(data: Uint8Array, before = 0): number {
  let value = ~before;
  for (let at = 0; at < data.length; at++)
    value = (value >>> 8) ^ (table[(value ^ (data[at] as number)) & 0xff] as number);
  return ~value >>> 0;
}

/** CRC-32 of what came so far and these bytes, as an unsigned number; begin with 0. */
export const checksum: (data: Uint8Array, before?: number) => number = native ?? plainChecksum;
