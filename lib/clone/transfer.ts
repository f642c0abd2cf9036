import type pg from "pg";
import { quoteLiteral } from "../postgres/identifier.ts";
import { type Asked, ask, type CopiedTable, Different, load, type Proof } from "./load.ts";
import { endless, filling, type Snapshot, sameText, takeSnapshot } from "./snapshot.ts";
import { type CatalogueTable, fullName } from "./table.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { ServerRefusal } from "./wire/messages.ts";
import { Wire, WireLost } from "./wire/wire.ts";

/** Opens connections of the two ends. */
export interface Ends {
  source(): Promise<pg.Client>;
  target(): Promise<pg.Client>;
}

/** A table on its way. `phase` is what it does now; bytes are those of the binary COPY. */
export type TableEvent =
  | { kind: "phase"; table: string; phase: "flowing" | "comparing" | "indexing" }
  | { kind: "bytes"; table: string; bytes: number }
  | { kind: "done"; table: string; copied: CopiedTable }
  | { kind: "failed"; table: string; says: string }
  /** A connection was lost: the table starts again from its beginning. */
  | { kind: "again"; table: string; says: string }
  | { kind: "silence"; seconds: number };

export interface TransferOptions {
  ends: Ends;
  tables: readonly CatalogueTable[];
  /** Names (schema.name) of tables that the target has already, without rows. */
  existing: ReadonlySet<string>;
  proof: Proof;
  sameMajor: boolean;
  /** Shown in the record, such as `db.example.org:5432/rec_io_db`; never holds a password. */
  sourceName: string;
  /** Pairs of connections at once; more of them pay on a slow link, until the link is full. */
  lanes?: number;
  signal?: AbortSignal;
  on(event: TableEvent): void;
}

/** What a transfer came to. `snapshots` is more than one where a lost connection made a new one necessary. */
export interface TransferEnd {
  copied: CopiedTable[];
  failed: { table: string; says: string }[];
  snapshots: number;
}

/** Bytes that are asked for ahead on one connection: about what is on its way on a link of 40 ms and 1 Gbit/s. */
const aheadBytes = 4 * 1024 * 1024;
const mostAhead = 24;
/** A source that is silent for so long while rows are asked of it is taken for gone. */
const stallMs = 60_000;
const sayAfterMs = 10_000;
const mostTries = 3;
/** How long an end that cannot be reached is tried again: a server that restarts, a laptop that wakes up. */
const patienceMs = 60_000;
const tryEveryMs = 500;
/** Lanes on a near link, and on one whose round trip is long: there, while some compare and index, others fill the wire. */
const lanesOf = { near: 4, far: 8 };
const farFromMs = 15;
/** Lanes share a full link evenly, and the largest table is to be over long before the others: so many times earlier. */
const early = 2;
/** A lane that is not let in while others work tries again after this long: the source may allow no more connections. */
const laneAgainMs = 5000;

/** Why a table did not come, in a sentence that names it. */
function whyNot(table: string, reason: Error): string {
  if (reason instanceof Different) return reason.message;
  const code = (reason as NodeJS.ErrnoException).code ?? "";
  if (code.startsWith("ERR_SSL"))
    return `${table} did not come: bytes were changed on the way from the source, and TLS refuses them.`;
  return `${table} did not come: ${reason.message.replace(/\.$/, "")}.`;
}

function arrived<T>(settled: PromiseSettledResult<T>): T | undefined {
  return settled.status === "fulfilled" ? settled.value : undefined;
}

/** Copies tables from the source into the target; each is put in place whole, proven, in a transaction of its own. */
export class Transfer {
  readonly #options: TransferOptions;
  readonly #waiting: CatalogueTable[];
  readonly #tries = new Map<string, number>();
  readonly #wires = new Set<Wire>();
  readonly #end: TransferEnd = { copied: [], failed: [], snapshots: 0 };
  #snapshot: Promise<Snapshot> | undefined;
  #fatal: Error | undefined;
  #lanes = 1;
  #lanesForLargest = 1;
  /** Lanes that are connected at both ends. */
  #working = 0;
  /** Since when no connection could be made; undefined while they can. */
  #unreachable: number | undefined;

  constructor(options: TransferOptions) {
    this.#options = options;
    // The largest first: at the end small ones fill what is left of the lanes' time.
    this.#waiting = [...options.tables].sort((a, b) => a.bytes - b.bytes);
  }

  /** @throws what makes going on senseless: a full disk, a target that is gone, or the reason of the signal. */
  async run(): Promise<TransferEnd> {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    const abort = () => this.#stop(signal?.reason instanceof Error ? signal.reason : new Error("cancelled"));
    signal?.addEventListener("abort", abort, { once: true });
    const watch = setInterval(() => this.#watch(), 1000);
    try {
      const tables = Math.max(1, this.#waiting.length);
      const bytes = this.#waiting.reduce((sum, table) => sum + table.bytes, 0);
      this.#lanesForLargest = Math.floor(bytes / (early * Math.max(1, this.#waiting.at(-1)?.bytes ?? 1)));
      this.#lanes = Math.min(this.#options.lanes ?? lanesOf.near, tables);
      const lanes = Array.from({ length: this.#lanes }, () => this.#lane());
      if (this.#options.lanes === undefined) lanes.push(this.#moreLanes(tables));
      // A lane that is being connected cannot be called off; once it is, it finds that all is over.
      await unlessAborted(Promise.all(lanes), signal);
      if (this.#fatal) throw this.#fatal;
      return this.#end;
    } finally {
      clearInterval(watch);
      signal?.removeEventListener("abort", abort);
      for (const wire of this.#wires) wire.end();
    }
  }

  /** Once the first snapshot has shown how far the source is, as many lanes more as pay there. */
  async #moreLanes(tables: number): Promise<void> {
    const snapshot = await this.#shared().catch(() => undefined);
    const more = Math.min(lanesOf.far, tables, this.#lanesForLargest) - this.#lanes;
    if (!snapshot || snapshot.tookMs < farFromMs || more <= 0) return;
    this.#lanes += more;
    await Promise.all(Array.from({ length: more }, () => this.#lane()));
  }

  #stop(reason: Error): void {
    this.#fatal ??= reason;
    this.#waiting.length = 0;
    for (const wire of this.#wires) wire.destroy(reason);
  }

  #watch(): void {
    const silent = Math.max(0, ...[...this.#wires].map((wire) => wire.silence));
    if (silent >= sayAfterMs) this.#options.on({ kind: "silence", seconds: Math.floor(silent / 1000) });
    for (const wire of this.#wires)
      if (wire.silence > stallMs) wire.destroy(new WireLost(`nothing was received for ${stallMs / 1000} seconds`));
  }

  async #open(client: Promise<pg.Client>): Promise<Wire> {
    const wire = new Wire(await client);
    this.#wires.add(wire);
    if (this.#fatal) wire.destroy(this.#fatal);
    return wire;
  }

  #close(wire: Wire | undefined, reason: Error): void {
    if (!wire) return;
    wire.destroy(reason);
    this.#wires.delete(wire);
  }

  /** The snapshot that all lanes share; a new one where the connection that kept it was lost. */
  #shared(): Promise<Snapshot> {
    const before = this.#snapshot ?? Promise.resolve(undefined);
    // Lanes ask at the same time: each waits for the answer to the one before it, so that one snapshot is taken.
    const shared = before
      .catch(() => undefined)
      .then(async (known) => {
        if (known && !known.leader.lost) return known;
        const made = await takeSnapshot(this.#options.ends);
        this.#wires.add(made.leader);
        this.#end.snapshots++;
        return made;
      });
    this.#snapshot = shared;
    return shared;
  }

  /** One pair of connections, opened again after a loss, until nothing waits any more. */
  async #lane(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#fatal) {
      let source: Wire | undefined;
      let target: Wire | undefined;
      const ahead: Asked[] = [];
      try {
        // All at once: on a slow link each of them costs several round trips.
        const opened = await Promise.allSettled([
          this.#open(this.#options.ends.source()),
          this.#open(this.#options.ends.target()),
          this.#shared(),
        ]);
        source = arrived(opened[0]);
        target = arrived(opened[1]);
        const snapshot = arrived(opened[2]);
        if (!source || !target || !snapshot) throw opened.find((one) => one.status === "rejected")?.reason;
        // Asked together with the first tables: on a slow link its answer alone would cost a round trip.
        const begun = source.query(
          `${endless}; ${sameText}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshot.id)}`,
        );
        begun.catch(() => {});
        await target.query(`${endless}; ${sameText}; ${filling}`);
        this.#fill(source, ahead);
        await begun.catch((thrown) => {
          // No table is to blame for a snapshot that could not be taken over.
          for (const { table } of ahead.splice(0).reverse()) this.#waiting.push(table);
          throw thrown;
        });
        this.#unreachable = undefined;
        this.#working++;
        await this.#work(source, target, snapshot, ahead).finally(() => {
          this.#working--;
        });
        source.end();
        target.end();
        this.#wires.delete(source);
        this.#wires.delete(target);
      } catch (thrown) {
        const reason = thrown instanceof Error ? thrown : new Error(String(thrown));
        this.#close(source, reason);
        this.#close(target, reason);
        this.#judge(reason, ahead);
        // Nothing was under way: the next try is not made at once.
        if (ahead.length === 0) await this.#pause(this.#working > 0 ? laneAgainMs : tryEveryMs);
      }
    }
  }

  /** Waits, but not beyond the end of all work. */
  async #pause(ms: number): Promise<void> {
    for (let left = ms; left > 0 && this.#waiting.length > 0 && !this.#fatal; left -= 100)
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, 100)));
  }

  async #work(source: Wire, target: Wire, snapshot: Snapshot, ahead: Asked[]): Promise<void> {
    const { on, proof, sameMajor, existing, sourceName } = this.#options;
    for (;;) {
      this.#fill(source, ahead);
      const asked = ahead[0];
      if (!asked) return;
      const table = fullName(asked.table);
      const copied = await load(target, asked, {
        exists: existing.has(table),
        proof,
        sameMajor,
        snapshotAt: snapshot.at,
        sourceName,
        phase: (phase) => on({ kind: "phase", table, phase }),
      });
      ahead.shift();
      this.#end.copied.push(copied);
      on({ kind: "done", table, copied });
    }
  }

  /** Asks for so many tables ahead that the link is never idle; the rest stays for the other lanes. */
  #fill(source: Wire, ahead: Asked[]): void {
    const { on, proof, sameMajor } = this.#options;
    let bytes = ahead.reduce((sum, { table }) => sum + table.bytes, 0);
    const fair = Math.ceil(this.#waiting.length / this.#lanes);
    while (ahead.length === 0 || (bytes < aheadBytes && ahead.length < Math.min(mostAhead, 1 + fair))) {
      const table = this.#waiting.pop();
      if (!table) return;
      bytes += table.bytes;
      const name = fullName(table);
      ahead.push(ask(source, table, proof, sameMajor, (more) => on({ kind: "bytes", table: name, bytes: more })));
    }
  }

  /** What a lost lane means: the table at its head is to blame or to be tried again, those behind it only waited. */
  #judge(reason: Error, ahead: readonly Asked[]): void {
    const [head, ...behind] = ahead;
    for (const { table } of behind.reverse()) this.#waiting.push(table);
    if (this.#fatal) return;
    if (!head) {
      // No table is to blame: an end cannot be reached, or did not let us in; while other lanes work, that is no matter.
      if (this.#working > 0) return;
      this.#unreachable ??= performance.now();
      if (performance.now() - this.#unreachable > patienceMs) this.#stop(reason);
      return;
    }
    const table = fullName(head.table);
    if (reason instanceof ServerRefusal && /^(53|58)/.test(reason.code)) {
      this.#stop(reason);
      return;
    }
    const tries = (this.#tries.get(table) ?? 0) + 1;
    this.#tries.set(table, tries);
    const lost = reason instanceof ServerRefusal ? /^(08|57P|40)/.test(reason.code) : !(reason instanceof Different);
    if (lost && tries < mostTries) {
      this.#waiting.push(head.table);
      this.#options.on({ kind: "again", table, says: reason.message });
      return;
    }
    const says = whyNot(table, reason);
    this.#end.failed.push({ table, says });
    this.#options.on({ kind: "failed", table, says });
  }
}
