/** How far a transfer is, and how long it will still take. */
export interface Progress {
  tables: number;
  tablesDone: number;
  rows: number;
  /** Bytes of the binary COPY so far, and what all of them are expected to be. */
  bytes: number;
  bytesExpected: number;
  /** Bytes a second over the last seconds; undefined before two seconds have passed. */
  rate?: number;
  /** Seconds that are left, likely between these two; undefined while nothing can be said. */
  left?: { least: number; most: number };
}

/** One table on its way. */
export interface TableProgress {
  name: string;
  /** Bytes that are expected of it, on the source's disk until they have come. */
  size: number;
  received: number;
  state: "waiting" | "flowing" | "done" | "failed";
}

const windowMs = 8000;
const soonestMs = 2000;

/**
 * Counts what arrives. The size on the source's disk is not that of the COPY: what the tables that are done came to is
 * the factor for those that are not.
 */
export class Estimate {
  readonly #lines = new Map<string, TableProgress>();
  readonly #now: () => number;
  readonly #began: number;
  /** Bytes by time, for the rate of the last seconds. */
  #marks: { at: number; bytes: number }[] = [];
  #bytes = 0;
  #rows = 0;

  /** @param tables names and bytes on disk. @param now milliseconds of a clock that only goes forward. */
  constructor(tables: readonly { name: string; size: number }[], now: () => number = () => performance.now()) {
    for (const { name, size } of tables) this.#lines.set(name, { name, size, received: 0, state: "waiting" });
    this.#now = now;
    this.#began = now();
    this.#marks.push({ at: this.#began, bytes: 0 });
  }

  received(table: string, bytes: number): void {
    const line = this.#lines.get(table);
    if (!line) return;
    line.received += bytes;
    line.state = "flowing";
    this.#bytes += bytes;
    const now = this.#now();
    if (now - (this.#marks.at(-1)?.at ?? 0) >= 250) this.#marks.push({ at: now, bytes: this.#bytes });
    while (this.#marks.length > 2 && now - (this.#marks[1] as { at: number }).at > windowMs) this.#marks.shift();
  }

  /** The table starts again from its beginning. */
  again(table: string): void {
    const line = this.#lines.get(table);
    if (line) Object.assign(line, { received: 0, state: "waiting" });
  }

  done(table: string, rows: number): void {
    const line = this.#lines.get(table);
    if (!line) return;
    line.state = "done";
    this.#rows += rows;
  }

  /** A table that will not come. */
  failed(table: string): void {
    const line = this.#lines.get(table);
    if (line) line.state = "failed";
  }

  /** One table as it stands now. */
  table(name: string): TableProgress | undefined {
    const line = this.#lines.get(name);
    return line && { ...line };
  }

  now(): Progress {
    const lines = [...this.#lines.values()].filter(({ state }) => state !== "failed");
    const over = lines.filter(({ state }) => state === "done");
    const sizes = over.reduce((sum, { size }) => sum + size, 0);
    const came = over.reduce((sum, { received }) => sum + received, 0);
    // Before enough has come, a COPY is taken for as large as the table: headers of rows on disk and of COPY nearly cancel out.
    const factor = sizes > 1_000_000 ? came / sizes : 1;
    const still = lines
      .filter(({ state }) => state !== "done")
      .reduce((sum, { size, received }) => sum + Math.max(size * factor - received, 0), 0);
    const now = this.#now();
    const rate = this.#rate(now);
    const progress: Progress = {
      tables: lines.length,
      tablesDone: over.length,
      rows: this.#rows,
      bytes: lines.reduce((sum, { received }) => sum + received, 0),
      bytesExpected: lines.reduce((sum, { received }) => sum + received, 0) + still,
    };
    if (rate === undefined) return progress;
    const whole = this.#bytes / Math.max((now - this.#began) / 1000, 0.001);
    const [slow, fast] = rate < whole ? [rate, whole] : [whole, rate];
    return {
      ...progress,
      rate,
      ...(slow > 0 ? { left: { least: still / fast, most: still / slow } } : {}),
    };
  }

  #rate(now: number): number | undefined {
    if (now - this.#began < soonestMs) return undefined;
    const first = this.#marks[0] as { at: number; bytes: number };
    return ((this.#bytes - first.bytes) / Math.max(now - first.at, 1)) * 1000;
  }
}
