import { Problem, sentence } from "../../../problem.ts";
import { childEnvironment } from "../../../settings.ts";
import type { World } from "../../../world.ts";
import { excerpt } from "../../program-client.ts";
import { programEnvironment } from "./program-environment.ts";

const mark = "rec-io-setup-answer:";

async function identity(
  world: Pick<World, "machine">,
  user: string,
  signal: AbortSignal,
): Promise<{ uid: number; gid: number } | undefined> {
  const { root, user: own } = await world.machine.facts();
  if (!root || user === own) return undefined;
  const [uid, gid] = await Promise.all(["-u", "-g"].map((flag) => world.machine.exec("id", [flag, user], { signal })));
  const ids = { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  return Number.isInteger(ids.uid) && Number.isInteger(ids.gid) && uid?.stdout.trim() ? ids : undefined;
}

/**
 * Runs a few lines of Python once, the way supervisord runs a program: same interpreter, user, folder, environment and
 * hook, but under no program's name, so that it cannot speak for the real one. The lines answer by calling
 * `answer(value)`; whatever else is printed is ignored.
 * @param lines Python of ours that calls the checkout's own classes; handed over on standard input.
 * @throws Problem `proof.one-shot-failed` with the last line of the traceback.
 */
export async function oneShot(
  world: Pick<World, "machine" | "paths" | "checkout">,
  likeProgram: string,
  lines: string,
  signal: AbortSignal,
  timeoutMs = 30_000,
): Promise<unknown> {
  const { variables, user } = await programEnvironment(world, likeProgram);
  const as = user ? await identity(world, user, signal) : undefined;
  const prelude = `import json, sys\ndef answer(value):\n    sys.stdout.write("\\n${mark}" + json.dumps(value) + "\\n")\n    sys.stdout.flush()\n`;
  const { SUPERVISOR_PROCESS_NAME: _name, ...environment } = { ...childEnvironment(), ...variables };
  const result = await world.machine.exec(world.checkout.python, ["-"], {
    cwd: world.checkout.root,
    env: environment,
    input: prelude + lines,
    signal,
    timeoutMs,
    ...(as ? { as } : {}),
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
