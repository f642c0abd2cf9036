import { z } from "zod";
import { keptReading } from "../machine/kept-reading.ts";
import type { World } from "../world.ts";

/** From where this installation came, and whether its person has said that the other one no longer trades. */
const movedRecord = z.object({
  version: z.literal(1),
  /** ISO 8601, as all times here. */
  madeAt: z.string(),
  machine: z.string(),
  restoredAt: z.string(),
  tables: z.number(),
  rows: z.number(),
  confirmedAt: z.string().optional(),
});
export type Moved = z.infer<typeof movedRecord>;

type Where = Pick<World, "paths" | "machine">;

/** A record that cannot be read is taken for one that nobody has confirmed: not knowing never releases anything. */
const torn: Moved = { version: 1, madeAt: "", machine: "another machine", restoredAt: "", tables: 0, rows: 0 };

const recordIn = keptReading((text): Moved | undefined => {
  if (text === undefined) return undefined;
  try {
    return movedRecord.parse(JSON.parse(text));
  } catch {
    return torn;
  }
});

/** Undefined where this installation did not come from another machine, or its rows are not here yet. */
export function readMoved({ machine, paths }: Where): Promise<Moved | undefined> {
  return recordIn(machine.files, paths.moved);
}

export async function writeMoved({ machine, paths }: Where, moved: Moved): Promise<void> {
  await machine.files.write(paths.moved, `${JSON.stringify(moved)}\n`, 0o600);
}

/**
 * True while two installations may trade with one key. Then not even a closing order passes here: two that close the same
 * position would open another one.
 */
export async function mayTradeTwice(where: Where): Promise<boolean> {
  const moved = await readMoved(where);
  return moved !== undefined && moved.confirmedAt === undefined;
}
