import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Problem, sentence } from "../../problem.ts";
import { isForwardedHeader, judgeRequest } from "./raw-request.ts";
import { refusalPage } from "./refusal-page.ts";
import { contentPolicy, mayBeKept, securityHeaders } from "./security-headers.ts";
import { answerSession, sessionPath, WrongCodes } from "./session-door.ts";

/** Answers one request that has passed: Next's request handler. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface ListenerOptions {
  port: number;
  /** paths.session */
  sessionFile: string;
  handle: RequestHandler;
  log: (line: string) => void;
}

export interface Listener {
  /** 127.0.0.1 and, where it exists, ::1. */
  readonly addresses: readonly string[];
  /** Stops listening and ends every connection; open streams have `graceMs` to say goodbye. */
  close(graceMs: number): Promise<void>;
}

function stripForwarded(request: IncomingMessage): void {
  for (const name of Object.keys(request.headers)) if (isForwardedHeader(name)) delete request.headers[name];
  for (let index = request.rawHeaders.length - 2; index >= 0; index -= 2) {
    if (isForwardedHeader(request.rawHeaders[index] ?? "")) request.rawHeaders.splice(index, 2);
  }
}

function refuse(response: ServerResponse, status: number, says: string, port: number): void {
  const page = refusalPage(says, port);
  response.writeHead(status, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": Buffer.byteLength(page),
    "Content-Security-Policy": contentPolicy,
    Connection: "close",
  });
  response.end(page);
}

function answering({
  port,
  sessionFile,
  handle,
  log,
}: ListenerOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const wrongCodes = new WrongCodes();
  return (request, response) => {
    for (const [name, value] of securityHeaders) response.setHeader(name, value);
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    if (!mayBeKept(path)) response.setHeader("Cache-Control", "no-store");
    const judgement = judgeRequest({ url: request.url ?? "", rawHeaders: request.rawHeaders }, port);
    if (judgement) return refuse(response, judgement.refuse, judgement.says, port);
    stripForwarded(request);
    const answered =
      path === sessionPath
        ? answerSession(request, response, { sessionFile, port, wrongCodes })
        : handle(request, response);
    Promise.resolve(answered).catch((error: unknown) => {
      log(`${request.method} ${path}: ${error instanceof Error ? error.stack : String(error)}`);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "The page stumbled over a fault of its own. The server's log has the details.", port);
    });
  };
}

/** Resolves true when the server listens, false where this machine has no such address. @throws the error of the system, as EADDRINUSE. */
function listenOn(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT" ? resolve(false) : reject(error);
    server.once("error", failed);
    server.listen({ host, port, exclusive: true, ipv6Only: true }, () => {
      server.off("error", failed);
      resolve(true);
    });
  });
}

function portTaken(port: number, host: string, error: NodeJS.ErrnoException): Problem {
  if (error.code === "EACCES") {
    return new Problem({
      code: "server.port-not-allowed",
      says: `Port ${port} may not be used by this user.`,
      remedy: sentence("Start again with --port and a number above 1023."),
    });
  }
  return new Problem({
    code: "server.port-taken",
    says: `Port ${port} is taken on ${host}.`,
    remedy: sentence("Start again with --port and another number, or end the program that holds it."),
  });
}

/**
 * Our own listener in front of Next: looks at the raw headers first, strips what a proxy would set, exchanges codes, sets
 * the security headers, and hands the rest on. Listens on loopback only.
 * @throws Problem `server.port-taken` where either 127.0.0.1 or ::1 is taken (Chromium's localhost prefers ::1).
 */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const addresses: string[] = [];
  for (const host of ["127.0.0.1", "::1"]) {
    // Doubled Host headers must reach judgeRequest, which refuses them with a page; Node refuses a missing one by itself.
    const server = createServer(
      { requireHostHeader: false, keepAliveTimeout: 5_000, requestTimeout: 60_000 },
      answering(options),
    );
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    try {
      if (await listenOn(server, host, options.port)) {
        servers.push(server);
        addresses.push(host);
      }
    } catch (error) {
      for (const other of servers) other.close();
      throw portTaken(options.port, host, error as NodeJS.ErrnoException);
    }
  }
  if (servers.length === 0) throw new Error("neither 127.0.0.1 nor ::1 exists on this machine");
  return {
    addresses,
    async close(graceMs) {
      const closed = Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      for (const server of servers) server.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
