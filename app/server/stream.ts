import { runtime } from "../../lib/runtime.ts";

/** How often a silent stream says that it is there, and how soon a browser tries again. In milliseconds. */
const heartbeatMs = 15_000;
const retryMs = 2000;

export interface StreamWriter {
  /** One event; `id` is what the browser sends back as Last-Event-ID. */
  send(data: unknown, id?: number): void;
  /** Ends the stream from our side. */
  end(): void;
}

/**
 * An answer of server-sent events. `follow` is given the writer and returns the way to stop following, which is called
 * once, whoever ends the stream.
 */
export function eventStream(
  signal: AbortSignal,
  follow: (writer: StreamWriter) => (() => void) | Promise<() => void>,
): Response {
  const rehearsal = runtime().kind === "rehearsal";
  const encoder = new TextEncoder();
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      let open = true;
      let unfollow: (() => void) | undefined;
      const write = (text: string) => {
        if (open) controller.enqueue(encoder.encode(text));
      };
      const heartbeat = setInterval(() => write(": still here\n\n"), heartbeatMs);
      heartbeat.unref();
      stop = () => {
        if (!open) return;
        open = false;
        clearInterval(heartbeat);
        unfollow?.();
        try {
          controller.close();
        } catch {
          // The browser has closed it already.
        }
      };
      signal.addEventListener("abort", stop, { once: true });
      write(`${rehearsal ? ": rehearsal\n" : ""}retry: ${retryMs}\n\n`);
      try {
        unfollow = await follow({
          send: (data, id) => write(`${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`),
          end: () => stop(),
        });
        if (!open) unfollow();
      } catch (thrown) {
        console.error(thrown);
        stop();
      }
    },
    cancel: () => stop(),
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
    },
  });
}
