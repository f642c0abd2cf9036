import { join } from "node:path";
import { z } from "zod";
import type { World } from "../world.ts";
import { headOf, statusOf } from "./git/git.ts";

const record = z.object({ root: z.string(), commit: z.string().optional(), dirty: z.array(z.string()) });

/** What git said of the checkout before anything was written into it. */
export type Baseline = z.infer<typeof record>;

type Needs = Pick<World, "machine" | "checkout" | "paths">;

/** Where the baseline is kept: beside the other state, 0600. */
export function baselineFile(world: Pick<World, "paths">): string {
  return join(world.paths.state, "checkout-at-start.json");
}

/** The baseline of this checkout, or undefined where none was taken yet or it is one of another checkout. */
export async function readBaseline(world: Needs): Promise<Baseline | undefined> {
  const text = await world.machine.files.read(baselineFile(world));
  if (text === undefined) return undefined;
  const parsed = record.safeParse(JSON.parse(text));
  return parsed.success && parsed.data.root === world.checkout.root ? parsed.data : undefined;
}

/** Takes the baseline, unless there is one: it must say how the checkout was before the first step touched it. */
export async function takeBaseline(world: Needs, signal?: AbortSignal): Promise<void> {
  if (await readBaseline(world)) return;
  const { root } = world.checkout;
  const commit = await headOf(world.machine, root, signal);
  const dirty = commit === undefined ? [] : await statusOf(world.machine, root, signal ? { signal } : {});
  const content: Baseline = { root, ...(commit === undefined ? {} : { commit }), dirty };
  await world.machine.files.makeFolder(world.paths.state, 0o700);
  await world.machine.files.write(baselineFile(world), `${JSON.stringify(content, null, 2)}\n`, 0o600);
}
