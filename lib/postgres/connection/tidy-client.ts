import pg from "pg";

/**
 * pg leaves the socket of a failed login open (when the password cannot be read, say), and the server then waits a
 * minute for the rest of it. Meanwhile no database could be dropped, and a probe that asks again and again would use up
 * the server's connections. So a login that fails ends its socket.
 */
export class TidyClient extends pg.Client {
  override connect(): Promise<this>;
  override connect(callback: (error: Error) => void): void;
  // biome-ignore lint/suspicious/noConfusingVoidType: these are the two shapes that pg declares.
  override connect(callback?: (error: Error) => void): Promise<this> | void {
    const tidied = super.connect().catch((error: unknown) => {
      streamOf(this).destroy();
      throw error;
    });
    if (!callback) return tidied.then(() => this);
    const done = callback as (error?: Error) => void;
    tidied.then(() => done(), done);
  }
}

/** The socket beneath a client; pg shows it to nobody. */
export function streamOf(client: object): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
