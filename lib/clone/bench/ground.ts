import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { freePortAbove } from "../../server/port-choice.ts";
import { planTransfer } from "../plan-transfer.ts";
import { type CatalogueTable, catalogueTable, clonedSchemas } from "../table.ts";
import { type BenchServer, benchServer } from "./servers.ts";

/** What all turns of a bench share: two servers, and what the source holds. */
export interface Ground {
  machine: Machine;
  folder: string;
  source: BenchServer;
  target: BenchServer;
  tables: CatalogueTable[];
  /** Of the tables on the source's disk, without indexes. */
  bytes: number;
  /** An empty target database with the schemas and nothing else, written out to disk. */
  freshTarget(): Promise<void>;
  /** The schemas too are taken away, for tools that make them. */
  withoutSchemas(): Promise<void>;
  close(): Promise<void>;
}

/** The part of the source that goes over the slow link, as a database of its own. */
const thinPart = 0.15;

async function makeSource(source: BenchServer, name: string, scale: number): Promise<void> {
  const admin = await source.connect("postgres");
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const client = await source.connect(name);
  await client.query(sqlFile("bench/clone-source.sql").replaceAll("SCALE", String(scale)));
  await client.query("VACUUM ANALYZE");
  await client.end();
}

/**
 * Makes both servers and fills the source: the database `whole`, and `thin` for the slow link.
 * @throws Problem `bench.no-postgres` where Debian's PostgreSQL 15 is not installed.
 */
export async function makeGround(scale: number, say: (line: string) => void): Promise<Ground> {
  const folder = join(tmpdir(), `rec-io-bench-${randomBytes(4).toString("hex")}`);
  const machine = localMachine({ stateFolder: folder });
  await machine.files.makeFolder(folder, 0o700);
  const servers: BenchServer[] = [];
  const close = async (): Promise<void> => {
    for (const server of servers) await server.stop().catch(() => {});
    await machine.files.removeTree(folder, tmpdir());
  };
  try {
    const port = (await freePortAbove(26_000)) as number;
    const source = await benchServer(machine, folder, port);
    servers.push(source);
    const target = await benchServer(machine, folder, (await freePortAbove(port + 1)) as number);
    servers.push(target);
    say("making the source");
    await makeSource(source, "whole", scale);
    await makeSource(source, "thin", scale * thinPart);
    const client = await source.connect("whole");
    const { rows: found } = await client.query(sqlFile("clone/tables.sql"), [[...clonedSchemas]]);
    await client.query("CHECKPOINT");
    await client.end();
    const tables = planTransfer(
      found.map((row) => catalogueTable.parse(row)),
      [],
    ).fates.map(({ table }) => table);
    return {
      machine,
      folder,
      source,
      target,
      tables,
      bytes: tables.reduce((sum, table) => sum + table.bytes, 0),
      async freshTarget() {
        const admin = await target.connect("postgres");
        await admin.query("DROP DATABASE IF EXISTS copy WITH (FORCE)");
        await admin.query("CREATE DATABASE copy");
        await admin.query("CHECKPOINT");
        await admin.end();
        const open = await target.connect("copy");
        for (const schema of clonedSchemas) await open.query(`CREATE SCHEMA ${schema}`);
        await open.end();
      },
      async withoutSchemas() {
        const open = await target.connect("copy");
        for (const schema of clonedSchemas) await open.query(`DROP SCHEMA ${schema} CASCADE`);
        await open.end();
      },
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Seconds that it takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
