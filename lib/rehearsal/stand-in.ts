import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** One host of the outside world, answered here. It listens nowhere by itself: who listens hands it the requests. */
export interface StandIn {
  readonly name: string;
  handle(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends its websockets and timers. */
  close(): void;
}

/** An answer before it is written. */
export interface Reply {
  status: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

export const jsonReply = (json: unknown, status = 200): Reply => ({ status, json });
export const textReply = (text: string, status: number): Reply => ({ status, text });

/** Body and headers of a reply. `serverTime` becomes its Date, so that a server's clock can be moved. */
export function rendered(reply: Reply, serverTime: number): { headers: Record<string, string>; body: string } {
  const body = reply.json === undefined ? (reply.text ?? "") : JSON.stringify(reply.json);
  return {
    body,
    headers: {
      "content-type": reply.json === undefined ? "text/plain; charset=utf-8" : "application/json",
      "content-length": String(Buffer.byteLength(body)),
      date: new Date(serverTime).toUTCString(),
      ...reply.headers,
    },
  };
}

export function writeReply(response: ServerResponse, reply: Reply, serverTime: number): void {
  const { headers, body } = rendered(reply, serverTime);
  response.sendDate = false;
  response.writeHead(reply.status, headers).end(body);
}

/** Answers an upgrade with plain HTTP and ends the connection. */
export function refuseUpgrade(socket: Duplex, reply: Reply, serverTime: number): void {
  const { headers, body } = rendered(reply, serverTime);
  const lines = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${reply.status} Refused\r\n${lines.join("")}\r\n${body}`);
}

/** The whole body of a request as text, at most 1 MiB. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > 1024 * 1024) break;
  }
  return text;
}

/** Path and query of a request as a URL; the host is of no meaning. */
export function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? "/", "http://stand-in");
}
