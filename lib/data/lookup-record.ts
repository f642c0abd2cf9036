import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { keptReading } from "../machine/kept-reading.ts";
import type { World } from "../world.ts";

const hundredths = z.number().int();

/**
 * What is known about the lookup that stands in the database: counted sums a bucket, and the values of the known points.
 * All values in hundredths of per cent.
 */
const lookupRecord = z.object({
  version: z.literal(1),
  /** "built": by us from an archive. "found": the table was there and whole, and its values were taken as they were. */
  origin: z.enum(["built", "found"]),
  /** SHA-256 over all values in the order of the key; only where we computed them. */
  checksum: z.string().optional(),
  grid: z.object({ ttcStep: z.number().int().positive(), bufferStep: z.number().int().positive() }),
  rows: z.number().int().positive(),
  /** [bucket, rows, sum up, sum down]. */
  buckets: z.array(z.tuple([z.number().int(), z.number().int(), z.number().int(), z.number().int()])),
  /** [seconds, points, bucket, up, down]. */
  points: z.array(z.tuple([z.number().int(), z.number().int(), z.number().int(), hundredths, hundredths])),
});
export type LookupRecord = z.infer<typeof lookupRecord>;

type Where = Pick<World, "paths" | "machine">;

/** Where the record is kept: in the state folder, 0600. */
export function lookupRecordFile({ paths }: Pick<World, "paths">): string {
  return join(paths.state, "probability-lookup.json");
}

const recordIn = keptReading((text): LookupRecord | undefined => {
  if (text === undefined) return undefined;
  try {
    return lookupRecord.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
});

/** The record, or undefined where there is none that can be read: then the values have to be taken anew. */
export function readLookupRecord(world: Where): Promise<LookupRecord | undefined> {
  return recordIn(world.machine.files, lookupRecordFile(world));
}

export async function writeLookupRecord(world: Where, record: LookupRecord): Promise<void> {
  await world.machine.files.makeFolder(world.paths.state, 0o700);
  await world.machine.files.write(lookupRecordFile(world), `${JSON.stringify(record)}\n`, 0o600);
}

export async function forgetLookupRecord(world: Where): Promise<void> {
  await world.machine.files.remove(lookupRecordFile(world));
}

/** A hash over values of points, for a receipt: the record beside it may be gone when the receipt is honoured. */
export function sampleHash(values: readonly (readonly [number, number] | undefined)[]): string {
  return createHash("sha256")
    .update(JSON.stringify(values.map((value) => value ?? null)))
    .digest("hex");
}
