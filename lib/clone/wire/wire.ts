import type { Socket } from "node:net";
import type pg from "pg";
import { copyData, fieldsOf, header, message, ServerRefusal, valuesOf } from "./messages.ts";

/** The connection is gone, or said something that no PostgreSQL says. Nothing more can be asked on it. */
export class WireLost extends Error {
  override name = "WireLost";
}

/**
 * Takes the payload of a COPY as it comes: all CopyData messages of one socket read at once, without their headers.
 * The five bytes before `from` in `buffer` belong to the taker, who may write a header of its own there (from >= 5), or
 * else has to send one apart.
 */
export interface CopySink {
  /** Called once, before the first payload. What it returns is waited for; meanwhile the server is not read. */
  open(): Promise<void> | void;
  /** Returns false where the taker wants to be asked to go on with {@link CopySink.drained} first. */
  take(buffer: Buffer, from: number, to: number): boolean;
  drained(): Promise<void>;
  /** The server has sent everything; called before the next answer is read. */
  close(): Promise<void> | void;
}

/** What one text of statements came to: rows of the last SELECT as text, and the tag of each statement. */
export interface Answer {
  rows: (string | null)[][];
  tags: string[];
}

interface Pending {
  rows: (string | null)[][];
  tags: string[];
  refusal?: ServerRefusal;
  broken?: Error;
  sink?: CopySink;
  /** A COPY … FROM STDIN was accepted: bytes may come. */
  accepted?: () => void;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const nothing = Buffer.alloc(0);
const goodbyeMs = 2000;

/**
 * A connection of pg after its login, from then on spoken to directly in the simple query protocol. COPY in both
 * directions carries the same bytes, so a relay needs no row to be parsed; and questions may be sent before the answers
 * to earlier ones have come, so that a hundred small tables cost one round trip.
 */
export class Wire {
  readonly #socket: Socket;
  readonly #pending: Pending[] = [];
  readonly #head = Buffer.allocUnsafe(header);
  #headFilled = 0;
  /** Bytes of the current message's body that are still to come; -1 between messages. */
  #left = -1;
  #type = 0;
  #body: Buffer[] = [];
  #held: Buffer | undefined;
  #holding = 0;
  #lost: Error | undefined;
  /** Bytes of COPY payload received so far. */
  received = 0;
  /** When something came last, in milliseconds of the monotonic clock; while we hold the stream up, the present. */
  #heard = performance.now();

  /** @param client connected, with nothing under way; it must not be used any more. */
  constructor(client: pg.Client) {
    this.#socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
    // pg's parser is the only one that listens to the bytes; its other listeners do no harm, but its error has no taker.
    this.#socket.removeAllListeners("data");
    client.on("error", () => {});
    this.#socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on("error", (error: Error) => this.#lose(error));
    this.#socket.on("close", () => this.#lose(new WireLost("the connection was closed")));
    this.#socket.resume();
  }

  /** Milliseconds since the server was last heard, 0 while it is us who do not listen or nothing is asked. */
  get silence(): number {
    return this.#holding > 0 || this.#pending.length === 0 ? 0 : performance.now() - this.#heard;
  }

  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** Sends a text of statements; may be called before earlier ones have been answered. */
  query(text: string, options: { sink?: CopySink; accepted?: () => void } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#lost) {
        reject(this.#lost);
        return;
      }
      if (this.#pending.length === 0) this.#heard = performance.now();
      this.#pending.push({ rows: [], tags: [], resolve, reject, ...options });
      this.#socket.write(message("Q", Buffer.from(`${text}\0`)));
    });
  }

  /** Payload of a COPY … FROM STDIN that was accepted; false where {@link drained} should be waited for first. */
  send(buffer: Buffer, from: number, to: number): boolean {
    const length = to - from;
    if (from >= header) {
      buffer[from - header] = copyData;
      buffer.writeUInt32BE(length + 4, from - 4);
      return this.#socket.write(buffer.subarray(from - header, to));
    }
    const head = Buffer.allocUnsafe(header);
    head[0] = copyData;
    head.writeUInt32BE(length + 4, 1);
    this.#socket.cork();
    this.#socket.write(head);
    const room = this.#socket.write(buffer.subarray(from, to));
    process.nextTick(() => this.#socket.uncork());
    return room;
  }

  /** Resolves when there is room again; rejects when the connection is lost. */
  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#lost) {
        reject(this.#lost);
        return;
      }
      const done = () => {
        this.#socket.off("drain", done);
        this.#socket.off("close", gone);
        resolve();
      };
      const gone = () => {
        this.#socket.off("drain", done);
        reject(this.#lost ?? new WireLost("the connection was closed"));
      };
      this.#socket.once("drain", done);
      this.#socket.once("close", gone);
    });
  }

  /** The end of the payload. */
  finish(): void {
    this.#socket.write(message("c", nothing));
  }

  /** Drops the connection at once; the server rolls back what was not committed. */
  destroy(reason: Error = new WireLost("the connection was dropped")): void {
    this.#lose(reason);
    this.#socket.destroy();
  }

  /** Says goodbye and closes; a server that does not close its side is not waited for. */
  end(): void {
    if (!this.#lost) {
      this.#socket.end(message("X", nothing));
      const drop = setTimeout(() => this.#socket.destroy(), goodbyeMs);
      drop.unref();
      this.#socket.once("close", () => clearTimeout(drop));
    }
    this.#lost ??= new WireLost("the connection was ended");
  }

  #lose(reason: Error): void {
    this.#lost ??= reason;
    for (const pending of this.#pending.splice(0)) pending.reject(this.#lost);
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#heard = performance.now();
    if (this.#holding > 0) this.#held = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    else this.#read(chunk);
  }

  /** Stops reading until `until` is settled; what has arrived already waits with it. */
  #hold(until: Promise<void>): void {
    this.#holding++;
    this.#socket.pause();
    until.then(
      () => {
        this.#holding--;
        if (this.#holding > 0 || this.#lost) return;
        this.#heard = performance.now();
        const held = this.#held;
        this.#held = undefined;
        if (held) this.#read(held);
        if (this.#holding === 0) this.#socket.resume();
      },
      (error: Error) => this.#lose(error),
    );
  }

  #read(chunk: Buffer): void {
    let at = 0;
    // The payload of this chunk is moved together in place: from `first` to `last`, without the headers in between.
    let first = -1;
    let last = -1;
    const flush = (): void => {
      if (first < 0) return;
      const sink = this.#pending[0]?.sink;
      this.received += last - first;
      if (sink && !sink.take(chunk, first, last)) this.#hold(sink.drained());
      first = -1;
    };
    while (at < chunk.length && !this.#lost) {
      if (this.#left < 0) {
        const wanted = Math.min(header - this.#headFilled, chunk.length - at);
        chunk.copy(this.#head, this.#headFilled, at, at + wanted);
        this.#headFilled += wanted;
        at += wanted;
        if (this.#headFilled < header) break;
        this.#headFilled = 0;
        this.#type = this.#head[0] as number;
        this.#left = this.#head.readUInt32BE(1) - 4;
        if (this.#left < 0) {
          this.#lose(new WireLost("the server sent a message without a length"));
          return;
        }
        if (this.#type !== copyData) {
          // An answer that is no payload may have to wait for the taker of the payload before it.
          flush();
        }
      }
      if (this.#type === copyData) {
        const end = Math.min(chunk.length, at + this.#left);
        if (first < 0) {
          first = at;
          last = end;
        } else {
          chunk.copyWithin(last, at, end);
          last += end - at;
        }
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#left = -1;
        continue;
      }
      if (this.#holding > 0) {
        this.#held = chunk.subarray(at);
        return;
      }
      const end = Math.min(chunk.length, at + this.#left);
      this.#body.push(chunk.subarray(at, end));
      this.#left -= end - at;
      at = end;
      if (this.#left > 0) break;
      this.#finishMessage();
      if (this.#holding > 0) {
        this.#held = at < chunk.length ? chunk.subarray(at) : undefined;
        return;
      }
    }
    flush();
  }

  /** A whole message other than payload is there. */
  #finishMessage(): void {
    const body = this.#body.length === 1 ? (this.#body[0] as Buffer) : Buffer.concat(this.#body);
    const type = String.fromCharCode(this.#type);
    this.#body = [];
    this.#left = -1;
    this.#dispatch(type, body);
  }

  #dispatch(type: string, body: Buffer): void {
    // Notices, parameters and notifications may come at any time and change nothing.
    if ("NSA".includes(type)) return;
    const pending = this.#pending[0];
    if (type === "E") {
      const refusal = new ServerRefusal(fieldsOf(body));
      if (!pending) {
        this.#lose(refusal);
        return;
      }
      pending.refusal ??= refusal;
      // The end of the session (57P..) is followed by no ReadyForQuery.
      if (refusal.fields.S === "FATAL" || refusal.fields.S === "PANIC") this.#lose(refusal);
      return;
    }
    if (!pending) {
      this.#lose(new WireLost(`the server sent ${type} without having been asked`));
      return;
    }
    if (type === "H") {
      const opened = pending.sink?.open();
      if (opened) this.#hold(opened);
    } else if (type === "c") {
      const closed = pending.sink?.close();
      if (closed) this.#hold(closed);
    } else if (type === "G") pending.accepted?.();
    else if (type === "D") pending.rows.push(valuesOf(body));
    else if (type === "T") pending.rows = [];
    else if (type === "C") pending.tags.push(body.toString("utf8", 0, body.length - 1));
    else if (type === "Z") {
      this.#pending.shift();
      if (pending.refusal) pending.reject(pending.refusal);
      else pending.resolve({ rows: pending.rows, tags: pending.tags });
    } else if (type !== "I") this.#lose(new WireLost(`the server sent an unexpected message ${type}`));
  }
}
