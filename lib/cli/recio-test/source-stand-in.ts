import { join } from "node:path";
import { readLookupRecord } from "../../data/lookup-record.ts";
import type { Answers } from "../../install/answers.ts";
import type { Machine } from "../../machine/machine.ts";
import { sourceDatabase, sourceRole } from "../../rehearsal/source/source.ts";
import { rehearsalPlaces } from "../../rehearsal/world/places.ts";
import type { World } from "../../world.ts";

const port = 15_434;

/** A source of system data inside the namespaces, and what an answers file says of it. */
export interface SourceStandIn {
  answer: Extract<Answers["data"], { kind: "source" }>;
  passwordFile: string;
  stop(): Promise<void>;
}

/** What came of a copy from it, as the database of the checkout says. */
export interface CopySeen {
  tables: number;
  rows: number;
  /** Snapshots of the source that the tables come from. */
  moments: number;
  /** Whether the strikes are computed from the rows that came, or from rows that were built here in their place. */
  lookup: "copied" | "built" | "none";
}

/** Makes the rehearsal's source, with a lookup on REC.IO's own grid: a coarser one would be built anew. About a minute. */
export async function startSourceStandIn(machine: Machine, folder: string): Promise<SourceStandIn> {
  const places = rehearsalPlaces({ state: join(folder, "stand-in") });
  const source = sourceDatabase(machine, places, port, { scalePercent: 2, wholeLookup: true });
  await source.ensure();
  return {
    answer: {
      kind: "source",
      host: "127.0.0.1",
      port,
      database: "rec_io_db",
      user: sourceRole,
      sslmode: "disable",
      verify: "stored",
      withoutLog: false,
      occupied: "keep",
    },
    passwordFile: places.sourcePassword,
    stop: () => source.stop(),
  };
}

export async function copySeen(world: Pick<World, "postgres" | "paths" | "machine">): Promise<CopySeen> {
  const [copied] = await world.postgres.query<{ tables: number; rows: number; moments: number }>(
    "app",
    "SELECT count(*)::int AS tables, sum(rows)::float8 AS rows, count(DISTINCT snapshot_at)::int AS moments FROM clone_state.copied",
  );
  const record = await readLookupRecord(world);
  return {
    tables: copied?.tables ?? 0,
    rows: copied?.rows ?? 0,
    moments: copied?.moments ?? 0,
    lookup: record === undefined ? "none" : record.origin === "built" ? "built" : "copied",
  };
}
