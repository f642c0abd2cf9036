import type { IncomingMessage } from "node:http";
import WebSocket from "ws";
import { isProblem } from "../../problem.ts";
import type { FeedAnswer } from "../kalshi.ts";
import { lostAt, unreachable } from "./unreachable.ts";

export interface FeedOptions {
  headers: Record<string, string>;
  marketTicker: string;
  timeoutMs: number;
  signal?: AbortSignal;
}

interface Frame {
  type?: unknown;
  msg?: { ts_ms?: unknown; ts?: unknown };
}

function parsed(data: WebSocket.RawData): Frame | undefined {
  try {
    const value: unknown = JSON.parse(data.toString());
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function tickerAge(frame: Frame, now: number): number | undefined {
  const { ts_ms: milliseconds, ts: seconds } = frame.msg ?? {};
  if (typeof milliseconds === "number") return now - milliseconds;
  return typeof seconds === "number" ? now - seconds * 1000 : undefined;
}

/** A ticker that follows the snapshot comes at once or, in a quiet market, not for minutes. */
const tickerPatienceMs = 300;

/** The body of an upgrade that was answered with plain HTTP. */
async function refusalBody(answer: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of answer) {
    text += String(chunk);
    if (text.length > 2000) break;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 2000);
  }
}

/**
 * Subscribes to a market's order book and ticker and waits for the first snapshot: the one message that comes at once
 * even in a quiet market (facts/kalshi.md section 5). Node's own WebSocket cannot set the three headers.
 */
export function firstSnapshot(address: string, options: FeedOptions): Promise<FeedAnswer> {
  const url = new URL(address);
  const begun = performance.now();
  const socket = new WebSocket(address, {
    headers: options.headers,
    handshakeTimeout: options.timeoutMs,
    followRedirects: false,
  });
  return new Promise((resolve, reject) => {
    let reached: FeedAnswer["reached"] = "nothing";
    let tickerAgeMs: number | undefined;
    let quiet: NodeJS.Timeout | undefined;
    const finish = (answer: Partial<FeedAnswer> = {}) => {
      settle();
      resolve({
        reached,
        ...(tickerAgeMs === undefined ? {} : { tickerAgeMs }),
        ...answer,
        tookMs: performance.now() - begun,
      });
    };
    const fail = (thrown: unknown) => {
      settle();
      reject(thrown);
    };
    const patience = setTimeout(() => {
      if (reached === "nothing")
        fail(unreachable("timeout", url.host, url.pathname, `no answer in ${options.timeoutMs} ms`));
      else finish();
    }, options.timeoutMs);
    const aborted = () => fail(options.signal?.reason);
    const settle = () => {
      clearTimeout(patience);
      clearTimeout(quiet);
      options.signal?.removeEventListener("abort", aborted);
      // Whatever comes after the answer was given is of no interest, an error least of all.
      socket.removeAllListeners();
      socket.on("error", () => {});
      if (socket.readyState === WebSocket.OPEN) socket.close(1000);
      else socket.terminate();
    };
    if (options.signal?.aborted) return aborted();
    options.signal?.addEventListener("abort", aborted, { once: true });

    socket.on("open", () => {
      reached = "connected";
      const params = { channels: ["orderbook_delta", "ticker"], market_tickers: [options.marketTicker] };
      socket.send(JSON.stringify({ id: 1, cmd: "subscribe", params }));
    });
    socket.on("message", (data) => {
      const frame = parsed(data);
      if (frame?.type === "subscribed" && reached === "connected") reached = "subscribed";
      if (frame?.type === "ticker") tickerAgeMs = tickerAge(frame, Date.now());
      if (frame?.type === "orderbook_snapshot") {
        reached = "snapshot";
        quiet = setTimeout(() => finish(), tickerPatienceMs);
      }
      if (reached === "snapshot" && tickerAgeMs !== undefined) finish();
      if (frame?.type === "error") finish();
    });
    socket.on("unexpected-response", (_asking, answer) => {
      reached = "refused";
      const status = answer.statusCode;
      refusalBody(answer).then(
        (body) => finish({ ...(status === undefined ? {} : { status }), body }),
        () => finish(status === undefined ? {} : { status }),
      );
    });
    socket.on("close", () => finish());
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (isProblem(error)) return fail(error);
      const code = error.code ?? "unknown";
      if (reached === "nothing") fail(unreachable(lostAt(code), url.host, url.pathname, code, error));
      else finish();
    });
  });
}
