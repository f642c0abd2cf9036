import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { freePortAbove } from "../../server/port-choice.ts";
import { clone, inspect } from "../clone.ts";
import { listOf } from "../definition.ts";
import { planTransfer } from "../plan-transfer.ts";
import { type CatalogueTable, catalogueTable, clonedSchemas, fullName } from "../table.ts";
import type { Ends } from "../transfer.ts";
import { type BenchServer, benchServer, shell } from "./servers.ts";
import { slowLink } from "./slow-link.ts";

/** What `npm run bench -- clone --json` prints. Ratios above one: we are faster. */
export interface CloneFigures {
  scale: number;
  rows: number;
  bytes: number;
  rounds: number;
  /** Median seconds by name. */
  seconds: Record<string, number>;
  ratios: Record<string, number>;
  memoryMb: number;
  loopDelayMs: number;
}

interface Ground {
  machine: Machine;
  folder: string;
  source: BenchServer;
  target: BenchServer;
  tables: CatalogueTable[];
}

const wanBytesPerSecond = 12_500_000;
const wanRoundTripMs = 40;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A target database that has the schemas and nothing else. */
async function freshTarget({ target }: Ground): Promise<void> {
  const admin = await target.connect("postgres");
  await admin.query("DROP DATABASE IF EXISTS copy WITH (FORCE)");
  await admin.query("CREATE DATABASE copy");
  await admin.query("CHECKPOINT");
  await admin.end();
  const client = await target.connect("copy");
  for (const schema of clonedSchemas) await client.query(`CREATE SCHEMA ${schema}`);
  await client.end();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Our whole clone: made, filled, compared, indexed, analysed. */
async function ours({ source, target }: Ground, database: string, only?: RegExp, port?: number): Promise<number> {
  const ends: Ends = { source: () => source.connect(database, port), target: () => target.connect("copy") };
  return timed(async () => {
    const inspected = await inspect(ends, "bench", { trusted: true });
    if (only) inspected.plan.fates = inspected.plan.fates.filter(({ table }) => only.test(fullName(table)));
    const end = await clone(inspected, {
      ends,
      sourceName: "bench",
      proof: "stored",
      visitor: { userId: "bench", name: "bench", email: "bench@example.com", agent: "bench", version: "0" },
      withoutLog: true,
      keepAndReplace: false,
      log: () => {},
      progress: () => {},
    });
    if (end.failed.length > 0) throw new Error(end.failed[0]?.says);
  });
}

/** The tables alone, for rivals that load and nothing more. */
async function makeTables({ target, tables }: Ground, only?: RegExp): Promise<void> {
  const { createTable } = await import("../definition.ts");
  const client = await target.connect("copy");
  for (const table of tables) if (!only || only.test(fullName(table))) await client.query(createTable(table));
  await client.end();
}

/** Our load alone: tables without keys, our checksum included, nothing read back. */
async function oursLoadAlone({ source, target, tables }: Ground, database: string, only?: RegExp): Promise<number> {
  const { Transfer } = await import("../transfer.ts");
  const wanted = tables
    .filter((table) => !only || only.test(fullName(table)))
    .map((table) => ({ ...table, indexes: [] }));
  const state = await target.connect("copy");
  await state.query(sqlFile("clone/state.sql"));
  await state.end();
  return timed(async () => {
    const end = await new Transfer({
      ends: { source: () => source.connect(database), target: () => target.connect("copy") },
      tables: wanted,
      existing: new Set(),
      proof: "received",
      sameMajor: true,
      sourceName: "bench",
      on: () => {},
    }).run();
    if (end.failed.length > 0) throw new Error(end.failed[0]?.says);
  });
}

async function psqlPipes(ground: Ground, database: string, only?: RegExp): Promise<number> {
  const { machine, folder, source, target, tables } = ground;
  await makeTables(ground, only);
  const lines = tables
    .filter((table) => !only || only.test(fullName(table)))
    .map((table) => {
      const place = `"${table.schema}"."${table.name}" (${listOf(table.columns)})`.replaceAll('"', '\\"');
      return `psql -qX "${source.uri(database)}" -c "COPY ${place} TO STDOUT (FORMAT binary)" | psql -qX "${target.uri("copy")}" -c "COPY ${place} FROM STDIN (FORMAT binary)"`;
    });
  await machine.files.write(join(folder, "pipes.sh"), `set -e -o pipefail\n${lines.join("\n")}\n`, 0o600);
  return timed(() => shell(machine, `bash ${folder}/pipes.sh`, folder));
}

async function empty({ target }: Ground): Promise<void> {
  const client = await target.connect("copy");
  for (const schema of clonedSchemas) await client.query(`DROP SCHEMA ${schema} CASCADE`);
  await client.end();
}

const rivals: Record<string, (ground: Ground, database: string, port?: number) => Promise<number>> = {
  async pgcopydb(ground, database) {
    const { machine, folder, source, target } = ground;
    await empty(ground);
    return timed(() =>
      shell(
        machine,
        `rm -rf ${folder}/pgcopydb && pgcopydb clone --table-jobs 2 --index-jobs 2 --dir ${folder}/pgcopydb --source "${source.uri(database)}" --target "${target.uri("copy")}"`,
        folder,
      ),
    );
  },
  async pgDump(ground, database) {
    const { machine, folder, source, target } = ground;
    await empty(ground);
    return timed(() =>
      shell(
        machine,
        `rm -rf ${folder}/dump && pg_dump -Fd -Z0 -j2 -f ${folder}/dump "${source.uri(database)}" && pg_restore -j2 -d "${target.uri("copy")}" ${folder}/dump`,
        folder,
      ),
    );
  },
  async installScript(ground, database) {
    const { machine, folder, source, target } = ground;
    await empty(ground);
    const lines = clonedSchemas.map(
      (schema) => `pg_dump -n ${schema} "${source.uri(database)}" | psql -qX "${target.uri("copy")}"`,
    );
    return timed(() => shell(machine, lines.join(" && "), folder));
  },
  async wanPgDump(ground, database, port) {
    const { machine, folder, source, target } = ground;
    await empty(ground);
    return timed(() =>
      shell(machine, `pg_dump -Fc -Z0 "${source.uri(database, port)}" | pg_restore -d "${target.uri("copy")}"`, folder),
    );
  },
};

/** Runs everything in turns, so that what else the machine does falls on all alike. */
export async function benchClone(rounds: number, scale: number, say: (line: string) => void): Promise<CloneFigures> {
  const folder = join(tmpdir(), `rec-io-bench-${randomBytes(4).toString("hex")}`);
  const machine = localMachine({ stateFolder: folder });
  await machine.files.makeFolder(folder, 0o700);
  const port = (await freePortAbove(26_000)) as number;
  const source = await benchServer(machine, folder, port);
  const target = await benchServer(machine, folder, (await freePortAbove(port + 1)) as number);
  const seconds: Record<string, number[]> = {};
  const note = (name: string, value: number) => {
    seconds[name] = [...(seconds[name] ?? []), value];
    say(`${name}: ${value.toFixed(2)} s`);
  };
  const delay = monitorEventLoopDelay({ resolution: 5 });
  let memory = 0;
  const watch = setInterval(() => {
    memory = Math.max(memory, process.memoryUsage.rss());
  }, 100);
  try {
    const admin = await source.connect("postgres");
    for (const [name, of] of [
      ["whole", scale],
      ["thin", scale * 0.15],
    ] as const) {
      say(`making the source ${name}`);
      await admin.query(`CREATE DATABASE ${name}`);
      const client = await source.connect(name);
      await client.query(sqlFile("bench/clone-source.sql").replaceAll("SCALE", String(of)));
      await client.query("VACUUM ANALYZE");
      await client.end();
    }
    await admin.end();
    const client = await source.connect("whole");
    const { rows: found } = await client.query(sqlFile("clone/tables.sql"), [[...clonedSchemas]]);
    const tables = planTransfer(
      found.map((row) => catalogueTable.parse(row)),
      [],
    ).fates.map(({ table }) => table);
    const size = await client.query(
      "SELECT sum(pg_table_size(oid))::float8 AS bytes FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text = ANY ($1)",
      [[...clonedSchemas]],
    );
    await client.end();
    const ground: Ground = { machine, folder, source, target, tables };
    const big = /^historical_data\./;
    const turn = async (name: string, work: () => Promise<number>): Promise<void> => {
      await freshTarget(ground);
      note(name, await work());
    };
    let wire = 0;
    for (let round = 0; round < rounds; round++) {
      delay.enable();
      await turn("load", () => oursLoadAlone(ground, "whole"));
      delay.disable();
      await turn("psqlPipe", () => psqlPipes(ground, "whole"));
      await turn("loadBig", () => oursLoadAlone(ground, "whole", big));
      await turn("psqlPipeBig", () => psqlPipes(ground, "whole", big));
      delay.enable();
      await turn("whole", () => ours(ground, "whole"));
      delay.disable();
      for (const name of ["pgcopydb", "pgDump", "installScript"] as const)
        await turn(name, () => (rivals[name] as (typeof rivals)[string])(ground, "whole"));
      const link = await slowLink(port, wanBytesPerSecond, wanRoundTripMs);
      await turn("wan", () => ours(ground, "thin", undefined, link.port));
      wire = link.passed() / wanBytesPerSecond;
      await turn("wanPgDump", () => (rivals.wanPgDump as (typeof rivals)[string])(ground, "thin", link.port));
      await link.close();
    }
    const m = Object.fromEntries(Object.entries(seconds).map(([name, values]) => [name, median(values)]));
    const ratio = (theirs: string, own: string) =>
      median((seconds[theirs] ?? []).map((value, round) => value / (seconds[own]?.[round] ?? Number.NaN)));
    return {
      scale,
      rows: tables.reduce((sum, table) => sum + table.rows, 0),
      bytes: Number(size.rows[0]?.bytes),
      rounds,
      seconds: m,
      ratios: {
        psqlPipe: ratio("psqlPipe", "load"),
        psqlPipeBig: ratio("psqlPipeBig", "loadBig"),
        pgcopydb: ratio("pgcopydb", "whole"),
        pgDump: ratio("pgDump", "whole"),
        installScript: ratio("installScript", "whole"),
        wanWire: wire / (m.wan ?? Number.NaN),
        wanPgDump: ratio("wanPgDump", "wan"),
      },
      memoryMb: Math.round(memory / 1e6),
      loopDelayMs: Math.round(delay.max / 1e6),
    };
  } finally {
    clearInterval(watch);
    await source.stop().catch(() => {});
    await target.stop().catch(() => {});
    await machine.files.removeTree(folder);
  }
}
