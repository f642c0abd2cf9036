import { connect, createServer, type Server, type Socket } from "node:net";

/** What happens to bytes on their way from the source. All of it may be changed while they flow. */
export interface LinkFaults {
  /** Milliseconds that every piece takes in each direction. */
  delayMs: number;
  /** Bytes a second for all connections together, 0 for no limit. */
  bytesPerSecond: number;
  /** Nothing passes any more, and nothing is closed. */
  stalled: boolean;
  /** Called with each piece from the source; what it returns is passed on. */
  change?: (piece: Buffer) => Buffer;
}

/** A link between a source and us that can be made bad. */
export interface TestLink {
  readonly port: number;
  readonly faults: LinkFaults;
  /** Bytes that the source has sent through it. */
  passed(): number;
  /** Breaks every connection at once. */
  cut(): void;
  close(): Promise<void>;
}

/** A TCP proxy to `port` on this machine, with a round trip, a bandwidth, and faults. */
export async function openLink(port: number, initial: Partial<LinkFaults> = {}): Promise<TestLink> {
  const faults: LinkFaults = { delayMs: 0, bytesPerSecond: 0, stalled: false, ...initial };
  const sockets = new Set<Socket>();
  let passed = 0;
  /** When the shared wire is free again, in milliseconds. */
  let free = 0;

  const carry = (from: Socket, to: Socket, download: boolean): void => {
    let queue = Promise.resolve();
    let waiting = 0;
    from.on("data", (piece: Buffer) => {
      const now = performance.now();
      let at = now + faults.delayMs;
      if (download && faults.bytesPerSecond > 0) {
        free = Math.max(free, now) + (piece.length / faults.bytesPerSecond) * 1000;
        at = free + faults.delayMs;
      }
      waiting += piece.length;
      // What is under way fills the link; more is not taken from the sender, as a window would do.
      if (waiting > 4_000_000) from.pause();
      queue = queue.then(async () => {
        const left = at - performance.now();
        if (left > 1) await new Promise((resolve) => setTimeout(resolve, left));
        while (faults.stalled && !to.destroyed) await new Promise((resolve) => setTimeout(resolve, 20));
        waiting -= piece.length;
        if (from.isPaused() && waiting < 2_000_000) from.resume();
        if (to.destroyed) return;
        if (download) passed += piece.length;
        if (!to.write(download && faults.change ? faults.change(piece) : piece)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
      });
    });
    from.on("end", () => void queue.then(() => to.end()));
    from.on("close", () => void queue.then(() => to.destroy()));
    from.on("error", () => to.destroy());
  };

  const server: Server = createServer({ noDelay: true }, (here) => {
    const there = connect({ host: "127.0.0.1", port, noDelay: true });
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
    faults,
    passed: () => passed,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
