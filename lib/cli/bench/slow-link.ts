import { connect, createServer, type Socket } from "node:net";

/** A way to a server that takes time, and counts how often somebody had to wait for an answer. */
export interface SlowLink {
  port: number;
  /** Times that something was sent after something had come back, since the last call. */
  roundTrips(): number;
  close(): Promise<void>;
}

/** Listens on a free port of the loopback and passes everything on after `oneWayMs`, in order. */
export async function slowLink(to: { host: string; port: number }, oneWayMs: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  let turns = 0;
  const server = createServer((near) => {
    const far = connect(to.port, to.host);
    let answered = true;
    const pass = (from: Socket, into: Socket, onChunk: () => void) => {
      sockets.add(from);
      from.setNoDelay(true);
      from.on("data", (chunk) => {
        onChunk();
        setTimeout(() => into.writable && into.write(chunk), oneWayMs);
      });
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        setTimeout(() => into.end(), oneWayMs);
      });
    };
    pass(near, far, () => {
      if (answered) turns += 1;
      answered = false;
    });
    pass(far, near, () => {
      answered = true;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the slow link has no port");
  return {
    port: address.port,
    roundTrips: () => {
      const counted = turns;
      turns = 0;
      return counted;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
