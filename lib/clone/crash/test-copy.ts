import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";
import { projectRoot } from "../../paths.ts";
import type { TestDatabase } from "../../postgres/test-server.ts";
import { readerPassword } from "../test-ends.ts";

const sourceName = "source.test:5432/rec_io_db";
/** A copy that waits for a server to come back has a minute for it. */
const longestMs = 180_000;

/** The program that copies and is killed, made anew of the sources; inside the project, where it finds the SQL files. */
export function buildChild(): { file: string; remove(): void } {
  const folder = join(projectRoot(), ".build", `crash-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "copy.cjs");
  buildSync({
    entryPoints: [join(projectRoot(), "lib/clone/crash/test-copy-child.ts")],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["pg-native"],
    define: { "import.meta.url": "__fileOfThisBundle" },
    banner: { js: 'const __fileOfThisBundle = require("node:url").pathToFileURL(__filename).href;' },
    logLevel: "error",
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** One process that copies: what it said, and how it ended. */
export interface Copy {
  child: ChildProcess;
  began: Promise<void>;
  /** Resolves when so many tables are in place, or at its end. */
  reached(tables: number): Promise<void>;
  ended: Promise<{ sent: Set<string>; done: Set<string>; finished: boolean; said: string }>;
}

export function startCopy(file: string, source: TestDatabase, target: TestDatabase): Copy {
  const child = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin?.end(
    JSON.stringify({ source: source.uri("rec_io_installer", readerPassword), target: target.uri(), sourceName }),
  );
  const sent = new Set<string>();
  const done = new Set<string>();
  let finished = false;
  let said = "";
  let begins = (): void => {};
  const began = new Promise<void>((resolve) => {
    begins = resolve;
  });
  const waiting = new Set<{ tables: number; go(): void }>();
  const tell = (): void => {
    for (const one of waiting) if (closed || done.size >= one.tables) one.go();
  };
  let closed = false;
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on("line", (line) => {
    const space = line.indexOf(" ");
    const [word, what] = [line.slice(0, space), line.slice(space + 1)];
    if (word === "began") begins();
    else if (word === "sent") sent.add(what);
    else if (word === "done") {
      done.add(what);
      tell();
    } else {
      said = what;
      if (word === "end") finished = (JSON.parse(what) as { failed: unknown[] }).failed.length === 0;
    }
  });
  // One that never ends is a fault of ours: it is ended here, and said.
  const hung = setTimeout(() => {
    said = `it hung for ${longestMs / 1000} s`;
    child.kill("SIGKILL");
  }, longestMs);
  const ended = new Promise<{ sent: Set<string>; done: Set<string>; finished: boolean; said: string }>((resolve) => {
    lines.once("close", () => {
      closed = true;
      clearTimeout(hung);
      begins();
      tell();
      // What was whole and did not let go of its process is not over.
      resolve({ sent, done, finished: finished && !said.startsWith("it hung"), said });
    });
  });
  const reached = (tables: number) =>
    new Promise<void>((resolve) => {
      waiting.add({ tables, go: resolve });
      tell();
    });
  return { child, began, reached, ended };
}
