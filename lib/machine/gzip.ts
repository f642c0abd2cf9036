import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";

function through(chunks: AsyncIterable<Buffer>, transform: Transform): AsyncIterable<Buffer> {
  // An error of either side ends the reading of the transform with that error.
  pipeline(Readable.from(chunks), transform, () => undefined);
  return transform;
}

/** Quickly rather than small: a minute less for some megabytes more. */
export const packed = (chunks: AsyncIterable<Buffer>) => through(chunks, createGzip({ level: 1 }));
/** @throws where they are no gzip, or cut off */
export const unpacked = (chunks: AsyncIterable<Buffer>) => through(chunks, createGunzip());
