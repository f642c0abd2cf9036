import { Problem, sentence } from "../../../problem.ts";
import { environmentOfPrograms } from "../../../supervisor/desired-configuration.ts";
import { programsUser } from "../../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../../world.ts";
import { excerpt } from "../../program-client.ts";

const mark = "rec-io-setup-answer:";

export type OneShotWorld = Pick<World, "settings" | "machine" | "paths" | "checkout" | "postgres" | "supervisor">;

/**
 * Runs a few lines of Python once, the way supervisord runs a program: same interpreter, folder, environment and
 * hook, but under no program's name, so that it cannot speak for the real one. The lines answer by calling
 * `answer(value)`; whatever else is printed is ignored.
 * @param lines Python of ours that calls the checkout's own classes; handed over on standard input.
 * @throws Problem `proof.one-shot-failed` with the last line of the traceback.
 */
export async function oneShot(
  world: OneShotWorld,
  likeProgram: string,
  lines: string,
  signal: AbortSignal,
  timeoutMs = 30_000,
): Promise<unknown> {
  const prelude = `import json, sys\ndef answer(value):\n    sys.stdout.write("\\n${mark}" + json.dumps(value) + "\\n")\n    sys.stdout.flush()\n`;
  const user = await programsUser(world);
  const result = await world.machine.exec(world.checkout.python, ["-"], {
    cwd: world.checkout.root,
    env: await environmentOfPrograms(world),
    input: prelude + lines,
    signal,
    timeoutMs,
    ...(user ? { as: user } : {}),
  });
  const line = result.stdout.split("\n").findLast((text) => text.startsWith(mark));
  if (line !== undefined) return JSON.parse(line.slice(mark.length));
  const last = result.stderr.trim().split("\n").at(-1) ?? "";
  throw new Problem({
    code: "proof.one-shot-failed",
    says: `${likeProgram}'s code does not run on its own: ${excerpt(last) || `it ended with ${result.code ?? result.signal}`}.`,
    remedy: sentence(`Look at the log of ${likeProgram}.`),
    evidence: { asked: `one call of the code of ${likeProgram}`, cameBack: excerpt(last) },
  });
}
