import { createServer } from "node:http";
import type { RequestHandler } from "./listener/listener.ts";

/**
 * Loads Next and gives its request handler. In production it reads no next.config.ts: the build's own resolved
 * configuration reaches it through the environment of the process (see start-server.ts), which saves the TypeScript
 * compiler, 30 MB and 30 ms (measured).
 * @param dir the project, an absolute path
 */
export async function loadNext(options: { dir: string; port: number; dev: boolean }): Promise<RequestHandler> {
  const { default: next } = await import("next");
  // Next listens for upgrades on whatever server a request came by, past every check of ours: in production it gets one
  // that nobody connects to. In development that is how pages learn of changes.
  const upgrades = options.dev ? {} : { httpServer: createServer() };
  const app = next({ dev: options.dev, dir: options.dir, hostname: "localhost", port: options.port, ...upgrades });
  await app.prepare();
  const handle = app.getRequestHandler();
  return (request, response) => handle(request, response);
}
