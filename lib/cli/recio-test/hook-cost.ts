import { join } from "node:path";
import { z } from "zod";
import { environmentOfPrograms } from "../../supervisor/desired-configuration.ts";
import type { World } from "../../world.ts";
import type { DrillResult } from "./report.ts";

const answer = z.object({ withMs: z.number(), withoutMs: z.number(), costMs: z.number() });

/** What the hook may add to the start of a program. */
const mostMs = 60;

/** Measures what the hook adds to the start of a program, in the environment of the programs. */
export async function hookCost(world: World): Promise<DrillResult> {
  const { machine, paths, checkout } = world;
  const { stdout, stderr } = await machine.exec(checkout.python, [join(paths.hook, "check.py"), "cost"], {
    cwd: checkout.root,
    env: await environmentOfPrograms(world),
    timeoutMs: 120_000,
  });
  await machine.files.remove(join(paths.hook, "live", "cost.json"));
  const name = "what the hook adds to the start of a program";
  const parsed = stdout === "" ? undefined : answer.parse(JSON.parse(stdout));
  if (!parsed) return { name, held: false, says: `It could not be measured: ${stderr.slice(-300)}` };
  const { withMs, withoutMs, costMs } = parsed;
  return {
    name,
    held: costMs < mostMs,
    says: `${costMs.toFixed(1)} ms of CPU: ${withMs.toFixed(0)} with it, ${withoutMs.toFixed(0)} without (the least of nine starts each).`,
  };
}
