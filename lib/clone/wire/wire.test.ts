import { Duplex } from "node:stream";
import type pg from "pg";
import { expect, test } from "playwright/test";
import { checksum, plainChecksum } from "./checksum.ts";
import { message } from "./messages.ts";
import { type CopySink, Wire } from "./wire.ts";

/** A socket whose other end is the test: what is pushed into it comes from the server. */
class FakeSocket extends Duplex {
  written: Buffer[] = [];
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written.push(Buffer.from(chunk));
    done();
  }
}

function openWire(): { wire: Wire; socket: FakeSocket } {
  const socket = new FakeSocket({ highWaterMark: 16 });
  const client = { connection: { stream: socket }, on: () => client } as unknown as pg.Client;
  return { wire: new Wire(client), socket };
}

/** A sink that keeps what comes and lets the server wait now and then. */
class Keeper implements CopySink {
  got: Buffer[] = [];
  events: string[] = [];
  constructor(readonly busy: () => boolean) {}
  async open(): Promise<void> {
    this.events.push("open");
    await new Promise((resolve) => setImmediate(resolve));
  }
  take(buffer: Buffer, from: number, to: number): boolean {
    this.got.push(Buffer.from(buffer.subarray(from, to)));
    // The five bytes before the payload are the taker's: what is written there must not be read again.
    if (from >= 5) buffer.fill(0xff, from - 5, from);
    return !this.busy();
  }
  async drained(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }
  close(): void {
    this.events.push("close");
  }
}

/** A generator of numbers that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

test("payload comes through whole and in order, wherever the network cuts it and whenever the taker is busy", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = numbers(seed);
    const rows = [1, 2].map(() =>
      Array.from({ length: 30 }, () =>
        Buffer.from(Array.from({ length: Math.floor(next() * 90) }, () => Math.floor(next() * 256))),
      ),
    );
    const answer = (parts: readonly Buffer[]) => [
      message("H", Buffer.from([1, 0, 0])),
      ...parts.map((part) => message("d", part)),
      message("c", Buffer.alloc(0)),
      message("C", Buffer.from("COPY 30\0")),
      message("Z", Buffer.from("T")),
    ];
    const stream = Buffer.concat(rows.flatMap(answer));
    const { wire, socket } = openWire();
    const sinks = rows.map(() => new Keeper(() => next() < 0.3));
    const answers = sinks.map((sink, index) => wire.query(`COPY ${index}`, { sink }));
    for (let at = 0; at < stream.length; ) {
      const length = 1 + Math.floor(next() * 40);
      socket.push(Buffer.from(stream.subarray(at, at + length)));
      at += length;
      if (next() < 0.2) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await Promise.all(answers)).toEqual([
      { rows: [], tags: ["COPY 30"] },
      { rows: [], tags: ["COPY 30"] },
    ]);
    for (const [index, sink] of sinks.entries()) {
      expect(Buffer.concat(sink.got).equals(Buffer.concat(rows[index] ?? [])), `seed ${seed}`).toBe(true);
      expect(sink.events).toEqual(["open", "close"]);
    }
  }
});

test("rows of a question come as text, and null is null", async () => {
  const { wire, socket } = openWire();
  const asked = wire.query("SELECT 'a', NULL");
  const row = Buffer.from([0, 2, 0, 0, 0, 1, 0x61, 0xff, 0xff, 0xff, 0xff]);
  socket.push(
    Buffer.concat([
      message("T", Buffer.from([0, 2])),
      message("D", row),
      message("C", Buffer.from("SELECT 1\0")),
      message("Z", Buffer.from("I")),
    ]),
  );
  expect(await asked).toEqual({ rows: [["a", null]], tags: ["SELECT 1"] });
});

test("what the server refuses carries its code, and the questions behind it are answered for themselves", async () => {
  const { wire, socket } = openWire();
  const first = wire.query("SELECT 1/0");
  const second = wire.query("SELECT 2");
  socket.push(
    Buffer.concat([
      message("E", Buffer.from("SERROR\0VERROR\0C22012\0Mdivision by zero\0\0")),
      message("Z", Buffer.from("I")),
    ]),
  );
  await expect(first).rejects.toMatchObject({ name: "ServerRefusal", code: "22012", message: "division by zero" });
  socket.push(Buffer.concat([message("C", Buffer.from("SELECT 1\0")), message("Z", Buffer.from("I"))]));
  expect(await second).toEqual({ rows: [], tags: ["SELECT 1"] });
});

test("a connection that ends rejects everything that was asked", async () => {
  const { wire, socket } = openWire();
  const asked = [wire.query("SELECT 1"), wire.query("SELECT 2")];
  socket.destroy();
  for (const one of asked) await expect(one).rejects.toMatchObject({ name: "WireLost" });
  await expect(wire.query("SELECT 3")).rejects.toMatchObject({ name: "WireLost" });
});

test("the checksum is zlib's, in pieces as in one", () => {
  const data = Buffer.from("123456789");
  expect(plainChecksum(data)).toBe(0xcbf43926);
  expect(checksum(data)).toBe(0xcbf43926);
  expect(plainChecksum(data.subarray(4), plainChecksum(data.subarray(0, 4)))).toBe(0xcbf43926);
});
