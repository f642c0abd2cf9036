import { connect, createServer, type Socket } from "node:net";

/** A link with one bandwidth for all its connections and a round trip. */
export interface SlowLink {
  readonly port: number;
  /** Bytes that came from the source. */
  passed(): number;
  close(): Promise<void>;
}

const window = 4_000_000;

/** A TCP proxy to `port` on this machine that passes what the source sends at `bytesPerSecond`, half a round trip later. */
export async function slowLink(port: number, bytesPerSecond: number, roundTripMs: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  let passed = 0;
  let free = 0;

  const carry = (from: Socket, to: Socket, limited: boolean): void => {
    const queue: { at: number; piece: Buffer }[] = [];
    let waiting = 0;
    let awake = false;
    const wake = (inMs: number): void => {
      if (awake) return;
      awake = true;
      setTimeout(drain, Math.max(0, inMs));
    };
    const drain = (): void => {
      awake = false;
      const now = performance.now();
      while (queue[0] && queue[0].at <= now + 0.5) {
        const { piece } = queue.shift() as { piece: Buffer };
        waiting -= piece.length;
        if (limited) passed += piece.length;
        if (!to.destroyed) to.write(piece);
      }
      if (waiting < window / 2 && from.isPaused()) from.resume();
      const next = queue[0];
      if (next) wake(next.at - performance.now());
      else if (from.readableEnded) to.end();
    };
    from.on("data", (piece: Buffer) => {
      const now = performance.now();
      if (limited) free = Math.max(free, now) + (piece.length / bytesPerSecond) * 1000;
      queue.push({ at: (limited ? free : now) + roundTripMs / 2, piece });
      waiting += piece.length;
      if (waiting > window) from.pause();
      wake(roundTripMs / 2);
    });
    from.on("end", () => {
      wake(0);
    });
    from.on("error", () => to.destroy());
    from.on("close", () => {
      wake(0);
    });
  };

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (here) => {
    const there = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
    for (const socket of [here, there]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    carry(here, there, false);
    carry(there, here, true);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    passed: () => passed,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
