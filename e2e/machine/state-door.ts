import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../lib/paths.ts";

/** One door in a terminal on a state folder of its own, with its JSON. */
export function stateDoor(
  state: string,
  ...words: string[]
): Promise<{ exit: number | null; json: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const args = [join(projectRoot(), "setup.cjs"), ...words, `--state=${state}`, "--json"];
    const child = spawn(process.execPath, args, { cwd: projectRoot(), stdio: ["ignore", "pipe", "ignore"] });
    let out = "";
    child.stdout.on("data", (part: Buffer) => {
      out += part.toString();
    });
    child.once("error", reject);
    child.once("close", (exit) => {
      try {
        resolve({ exit, json: JSON.parse(out) });
      } catch (thrown) {
        reject(thrown);
      }
    });
  });
}
