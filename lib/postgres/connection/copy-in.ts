import type { Duplex } from "node:stream";
import type pg from "pg";

/** The part of pg's connection that COPY needs; pg's own types leave it out. */
interface Wire {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
  readonly stream: Duplex;
}

/** Resolves when the socket has room again or will never have any. */
function room(stream: Duplex): Promise<void> {
  if (!stream.writableNeedDrain || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.once("drain", done);
    stream.once("close", done);
  });
}

/** One COPY … FROM STDIN in the way in which pg wants custom queries. */
class CopyIn {
  /** pg sets and calls this when it gives the connection up. */
  callback: (error?: Error) => void = () => {};
  readonly finished: Promise<number>;
  #resolve!: (rows: number) => void;
  #reject!: (error: unknown) => void;
  #rows = 0;
  #over = false;
  #sourceError: unknown;
  readonly #statement: string;
  readonly #chunks: AsyncIterable<Buffer>;

  constructor(statement: string, chunks: AsyncIterable<Buffer>) {
    this.#statement = statement;
    this.#chunks = chunks;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(wire: Wire): void {
    wire.query(this.#statement);
  }

  handleCopyInResponse(wire: Wire): void {
    void this.#feed(wire);
  }

  handleCommandComplete(message: { text: string }): void {
    this.#rows = Number(/^COPY (\d+)/.exec(message.text)?.[1] ?? 0);
  }

  handleError(error: Error): void {
    this.#over = true;
    this.#reject(this.#sourceError ?? error);
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.#over = true;
    this.#resolve(this.#rows);
    this.callback();
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}

  async #feed(wire: Wire): Promise<void> {
    try {
      for await (const chunk of this.#chunks) {
        if (this.#over) return;
        wire.sendCopyFromChunk(chunk);
        await room(wire.stream);
      }
      if (!this.#over) wire.endCopyFrom();
    } catch (error) {
      // The server answers a CopyFail with an error of its own; the cause is what the caller hears.
      this.#sourceError = error;
      if (!this.#over) wire.sendCopyFail("the source of the rows ended with an error");
    }
  }
}

/**
 * Feeds a COPY … FROM STDIN (text or binary, as the statement says) and resolves with the number of rows. An error of
 * the source or of the server leaves no row behind, and the connection stays usable unless it broke.
 */
export function copyIn(client: pg.ClientBase, statement: string, chunks: AsyncIterable<Buffer>): Promise<number> {
  const copy = new CopyIn(statement, chunks);
  client.query(copy as unknown as pg.Submittable);
  return copy.finished;
}
