import { chmodSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isProblem, Problem, type ProblemFacts, problemFacts, sentence } from "../../problem.ts";
import type { Runtime } from "../../runtime.ts";
import { removeIfThere } from "../state/private-file.ts";
import { type CallName, carryOut, runtimeCalls, type ServerStatus } from "./calls.ts";

/** The longest path that every system binds a unix socket to (macOS: 104 bytes with the final zero). */
const longestSocketPath = 103;
const largestBody = 1024 * 1024;

/** What only the server's process can do. */
export interface ServerCalls {
  status(): Promise<ServerStatus>;
  mintCode(): { code: string; expiresAt: number };
  /** Begins to shut down and returns at once. */
  shutdown(): void;
}

/** What travels back: a result, or the problem, or the sentence of a bug. */
export type ControlAnswer = { result: unknown } | { problem: ProblemFacts } | { bug: string };

async function inputOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > largestBody)
      throw new Problem({ code: "control.not-understood", says: "The message is larger than 1 MiB." });
    parts.push(part as Buffer);
  }
  return size === 0 ? {} : JSON.parse(Buffer.concat(parts).toString("utf8"));
}

async function answerTo(
  name: string,
  input: unknown,
  runtime: () => Promise<Runtime>,
  server: ServerCalls,
): Promise<unknown> {
  if (name === "status") return server.status();
  if (name === "mint-code") return server.mintCode();
  if (name === "shutdown") return server.shutdown() ?? {};
  if (Object.hasOwn(runtimeCalls, name)) return carryOut(await runtime(), name as CallName, input);
  throw new Problem({
    code: "control.not-understood",
    says: `The running server does not know "${name}".`,
    remedy: sentence("It is of another version: run npm run stop, then npm start."),
  });
}

/**
 * Serves the control socket: JSON over HTTP, one POST a call, for the doors of the same user. The folder is 0700 and the
 * socket 0600; a browser cannot speak to it.
 * @param path paths.controlSocket; a socket that an earlier process left there is removed (the caller holds the lock).
 * @param runtime resolves when the runtime is made.
 */
export async function serveControl(
  path: string,
  runtime: () => Promise<Runtime>,
  server: ServerCalls,
  log: (line: string) => void,
): Promise<{ close(): Promise<void> }> {
  if (Buffer.byteLength(path) > longestSocketPath) {
    throw new Problem({
      code: "state.path-too-long",
      says: `The path of the state folder is too long: ${path} has ${Buffer.byteLength(path)} bytes, a socket's path may have ${longestSocketPath}.`,
      remedy: sentence("Choose a shorter folder with --state."),
    });
  }
  const answer = (response: ServerResponse, status: number, body: ControlAnswer) => {
    response.writeHead(status, { "Content-Type": "application/json", Connection: "close" });
    response.end(JSON.stringify(body));
  };
  const listener = createServer({ requestTimeout: 0 }, (request, response) => {
    const name = (request.url ?? "").slice(1);
    (async () => {
      if (request.method !== "POST")
        throw new Problem({ code: "control.not-understood", says: "The control socket takes POST only." });
      answer(response, 200, { result: (await answerTo(name, await inputOf(request), runtime, server)) ?? null });
    })().catch((error: unknown) => {
      if (isProblem(error)) return answer(response, 409, { problem: problemFacts(error) });
      log(`control ${name}: ${error instanceof Error ? error.stack : String(error)}`);
      answer(response, 500, { bug: error instanceof Error ? error.message : String(error) });
    });
  });
  removeIfThere(path);
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen(path, resolve);
    });
  } finally {
    process.umask(mask);
  }
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        // A door that waits for a long call learns of the end by its connection's.
        setTimeout(() => listener.closeAllConnections(), 200).unref();
      }),
  };
}
