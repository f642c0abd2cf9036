import { z } from "zod";
import type { World } from "../world.ts";
import { archiveFolder } from "./fingerprint-archive.ts";
import { fullGrid, type LookupGrid, mostBuffer, mostTtc } from "./lookup-grid.ts";

/** Beside the archives, relative to the checkout: how finely its own calculator wants the lookup laid out. */
export const gridFile = `${archiveFolder}/lookup_grid.json`;

const step = (most: number) =>
  z
    .number()
    .int()
    .positive()
    .refine((value) => most % value === 0);
const namedGrid = z.object({ ttcStep: step(mostTtc), bufferStep: step(mostBuffer) });

/**
 * The grid that a checkout's calculator reads. REC.IO's looks no further than 5 seconds and 10 points and names none, so
 * it gets the full grid; a checkout whose calculator reaches further says so in a file beside its archive.
 */
export async function gridOf(world: Pick<World, "checkout" | "machine">): Promise<LookupGrid> {
  const text = await world.machine.files.read(world.checkout.at(gridFile));
  if (text === undefined) return fullGrid;
  try {
    return namedGrid.parse(JSON.parse(text));
  } catch {
    return fullGrid;
  }
}
