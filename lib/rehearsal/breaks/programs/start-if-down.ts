import type { World } from "../../../world.ts";

/** Starts a program that nobody has started meanwhile: REC.IO's own monitor may have been quicker. */
export async function startIfDown({ supervisor }: Pick<World, "supervisor">, program: string): Promise<void> {
  const state = (await supervisor.programs()).find(({ name }) => name === program)?.state;
  if (state !== "RUNNING" && state !== "STARTING") await supervisor.start(program);
}
