import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { proxyAuthorization, proxyFor } from "./proxy.ts";
import { type LostAt, lostAt, unreachable } from "./unreachable.ts";

/** An HTTP answer as it came, before anybody reads meaning into it. */
export interface HttpAnswer {
  status: number;
  contentType: string;
  text: string;
  /** Milliseconds since the epoch from the `Date` header. */
  serverTime?: number;
  tookMs: number;
}

export interface GetOptions {
  headers: Record<string, string>;
  /** The environment's proxy settings, by their usual names. */
  environment: Readonly<Record<string, string>>;
  /** For the whole request, from the name's resolution to the last byte. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/** More than any answer that we ask for; an endless body is cut here. */
const mostBytes = 4 * 1024 * 1024;

function codeOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return "unknown";
  const { code, errors } = thrown as { code?: unknown; errors?: unknown };
  // A name with several addresses fails with one error for each; the first tells as much as the rest.
  if (typeof code !== "string" && Array.isArray(errors)) return codeOf(errors[0]);
  return typeof code === "string" ? code : "unknown";
}

/** A way through the proxy to host and port of `url`, or a Problem that names the proxy. */
function tunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${url.port || "443"}`;
  return new Promise((resolve, reject) => {
    const lost = (detail: string, cause?: unknown) =>
      reject(unreachable("proxy", url.host, url.pathname, detail, cause));
    const asking = plainRequest({
      host: proxy.hostname,
      port: proxy.port || 80,
      method: "CONNECT",
      path: target,
      headers: { host: target, ...proxyAuthorization(proxy) },
      signal,
    });
    asking.once("connect", (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      lost(`HTTP ${answer.statusCode}`);
    });
    asking.once("error", (error) => lost(codeOf(error), error));
    asking.end();
  });
}

function readWhole(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= mostBytes) chunks.push(chunk);
      else answer.destroy();
    });
    answer.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    answer.once("error", reject);
    answer.once("close", () => reject(Object.assign(new Error("closed early"), { code: "ECONNRESET" })));
  });
}

function send(url: URL, options: GetOptions, socket: Duplex | undefined, signal: AbortSignal): Promise<HttpAnswer> {
  const begun = performance.now();
  const ask = url.protocol === "https:" ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const asking = ask(
      url,
      {
        method: "GET",
        headers: options.headers,
        signal,
        // Where an agent is given, Node does not ask createConnection.
        ...(socket ? { createConnection: () => connectTls({ socket, servername: url.hostname }) } : { agent: false }),
      },
      (answer) => {
        readWhole(answer).then((text) => {
          const date = Date.parse(answer.headers.date ?? "");
          resolve({
            status: answer.statusCode ?? 0,
            contentType: answer.headers["content-type"] ?? "",
            text,
            ...(Number.isNaN(date) ? {} : { serverTime: date }),
            tookMs: performance.now() - begun,
          });
        }, reject);
      },
    );
    asking.once("error", reject);
    asking.end();
  });
}

/**
 * One GET, without following redirects: a followed redirect would carry a signature to another path or host. There is
 * no other verb here.
 * @throws Problem `kalshi.unreachable-…` where no whole HTTP answer came; the caller's own AbortError passes through.
 */
export async function httpGet(address: string, options: GetOptions): Promise<HttpAnswer> {
  const url = new URL(address);
  const proxy = proxyFor(url, options.environment);
  const patience = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([patience, options.signal]) : patience;
  try {
    const socket = proxy && url.protocol === "https:" ? await tunnel(url, proxy, signal) : undefined;
    return await send(url, options, socket, signal);
  } catch (thrown) {
    options.signal?.throwIfAborted();
    if (patience.aborted)
      throw unreachable("timeout", url.host, url.pathname, `no answer in ${options.timeoutMs} ms`, thrown);
    const code = codeOf(thrown);
    if (code.startsWith("kalshi.")) throw thrown;
    const at: LostAt = lostAt(code);
    throw unreachable(at, url.host, url.pathname, code, thrown);
  }
}
