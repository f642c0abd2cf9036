import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot, type StatePaths, statePaths } from "../paths.ts";
import { freePort } from "../postgres/test-server.ts";
import type { CallInput, CallName, CallOutput } from "../server/control/calls.ts";
import { askServer } from "../server/control/control-client.ts";

/** What a door printed with --json, and how it ended. */
export interface DoorAnswer {
  exit: number | null;
  json: Record<string, unknown>;
}

/** A rehearsal of its own for a test, driven through the doors and the control socket as a person and a page would. */
export interface TestRehearsal {
  readonly paths: StatePaths;
  readonly port: number;
  door(name: string, ...args: string[]): Promise<DoorAnswer>;
  ask<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  /** Ends whatever a failed test has left. */
  end(): Promise<void>;
}

/** A state folder and a port of its own; nothing is started yet. */
export async function testRehearsal(): Promise<TestRehearsal> {
  // A short path: unix sockets below it may have 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), "rh-"));
  // As a home folder is: others pass through. That a closed one is passed by an access list is tried where that step is.
  chmodSync(folder, 0o711);
  const paths = statePaths(join(folder, "s"));
  const port = await freePort();
  const door = (name: string, ...args: string[]) =>
    new Promise<DoorAnswer>((resolve, reject) => {
      const words = [
        join(projectRoot(), "setup.cjs"),
        name,
        "--rehearsal",
        `--state=${paths.state}`,
        "--json",
        ...args,
      ];
      const child = spawn(process.execPath, words, { cwd: projectRoot(), stdio: ["ignore", "pipe", "pipe"] });
      let out = "";
      let err = "";
      child.stdout.on("data", (part: Buffer) => {
        out += part.toString();
      });
      child.stderr.on("data", (part: Buffer) => {
        err += part.toString();
      });
      child.once("error", reject);
      child.once("close", (exit) => {
        try {
          resolve({ exit, json: JSON.parse(out) as Record<string, unknown> });
        } catch {
          reject(new Error(`${name} printed no JSON: ${out.slice(0, 300)} ${err.slice(-800)}`));
        }
      });
    });
  return {
    paths,
    port,
    door,
    async ask(name, input) {
      const answer = await askServer(paths.controlSocket, name, input as never);
      if (answer === undefined) throw new Error(`nobody answered ${name}`);
      return answer as never;
    },
    async end() {
      await door("uninstall", "--yes").catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
