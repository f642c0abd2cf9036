import type { Duplex } from "node:stream";
import type pg from "pg";

interface Wire {
  query(text: string): void;
  readonly stream: Duplex;
}

/** So much waits for whoever reads; beyond it the server waits. */
const mostWaiting = 4 * 1024 * 1024;
/** Rows are handed on together: one by one they would cost more than the copying. */
const together = 256 * 1024;

/** One COPY … TO STDOUT in the way in which pg wants custom queries. */
class CopyOut {
  /** pg sets and calls this when it gives the connection up. */
  callback: (error?: Error) => void = () => {};
  readonly #statement: string;
  #wire: Wire | undefined;
  #rows: Buffer[] = [];
  #bytes = 0;
  #over = false;
  /** Nobody reads any more: what still comes is thrown away. */
  #left = false;
  #error: Error | undefined;
  #wake: () => void = () => {};

  constructor(statement: string) {
    this.#statement = statement;
  }

  submit(wire: Wire): void {
    this.#wire = wire;
    wire.query(this.#statement);
  }

  handleCopyData(message: { chunk: Buffer }): void {
    if (this.#left) return;
    // The parser uses its buffer again for what comes next.
    this.#rows.push(Buffer.from(message.chunk));
    this.#bytes += message.chunk.length;
    if (this.#bytes >= mostWaiting) this.#wire?.stream.pause();
    if (this.#bytes >= together) this.#wake();
  }

  handleError(error: Error): void {
    this.#end(error);
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.#end();
    this.callback();
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}

  #end(error?: Error): void {
    this.#over = true;
    this.#error ??= error;
    this.#wake();
  }

  async *chunks(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        if (!this.#over && this.#bytes < together)
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        const rows = this.#rows;
        this.#rows = [];
        this.#bytes = 0;
        this.#wire?.stream.resume();
        if (rows.length > 0) yield Buffer.concat(rows);
        else if (this.#over) break;
      }
      if (this.#error) throw this.#error;
    } finally {
      this.#left = true;
      this.#wire?.stream.resume();
    }
  }
}

/**
 * The bytes of a COPY … TO STDOUT as they come. They are to be read to their end before the session is asked anything
 * else; the server's error, where there is one, comes after what came before it.
 */
export function copyOut(client: pg.ClientBase, statement: string): AsyncIterable<Buffer> {
  const copy = new CopyOut(statement);
  client.query(copy as unknown as pg.Submittable);
  return copy.chunks();
}
