import { makeBackup } from "../backup/make-backup.ts";
import type { Answers } from "../install/answers.ts";
import type { Runtime } from "../runtime.ts";
import type { World } from "../world.ts";

/** Backups of what is installed. `stop` ends the one in hand; nothing is left of it. */
export function backupDoor(ground: { world(answers: Answers): World; answers: () => Answers; version: string }) {
  const ending = new AbortController();
  const backUp: Runtime["backUp"] = async (out, passphrase) => {
    const answers = ground.answers();
    const asked = { answers, out, passphrase, version: ground.version, signal: ending.signal };
    return makeBackup(ground.world(answers), asked);
  };
  return { backUp, stop: () => ending.abort() };
}
