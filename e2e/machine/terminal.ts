import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../lib/paths.ts";

export interface DoorEnd {
  exit: number | null;
  stdout: string;
  stderr: string;
}

/** A command of the product in a terminal of its own. */
export interface Terminal {
  child: ChildProcess;
  output(): string;
  ended: Promise<DoorEnd>;
}

/** Runs `npm run <door>` as npm does: through setup.cjs, in the project's folder. */
export function beginDoor(words: readonly string[], env: Record<string, string>): Terminal {
  const child = spawn(process.execPath, [join(projectRoot(), "setup.cjs"), ...words], {
    cwd: projectRoot(),
    env: env as NodeJS.ProcessEnv,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (part) => {
    stdout += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part) => {
    stderr += part;
  });
  const ended = new Promise<DoorEnd>((resolve) =>
    child.once("close", (exit: number | null) => resolve({ exit, stdout, stderr })),
  );
  return { child, output: () => stdout + stderr, ended };
}
