import type { Ends } from "./transfer.ts";
import { Wire, WireLost } from "./wire/wire.ts";

/** A snapshot of the source that all lanes read in, kept alive by the connection that made it. */
export interface Snapshot {
  id: string;
  /** When it was taken, in the source's clock. */
  at: string;
  /** How long the question took: a round trip, and next to nothing else. */
  tookMs: number;
  leader: Wire;
}

/** A copy may take hours, and waits for no lock of somebody else's. */
export const endless =
  "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '30s'; SET client_encoding = 'UTF8'";
/** Only what decides the text of a value, for hashes that are made of text. */
export const sameText =
  "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET TimeZone = 'UTC'; SET extra_float_digits = 1; SET bytea_output = 'hex'";

/** For the target: a table reads back in the order in which it was filled, and samples for the planner are a fifth as large. */
export const filling =
  "SET synchronize_seqscans = off; SET default_statistics_target = 20; SET maintenance_work_mem = '128MB'";

/** Takes one, on a connection of its own that keeps it alive. */
export async function takeSnapshot(ends: Ends): Promise<Snapshot> {
  const leader = new Wire(await ends.source());
  try {
    const asked = performance.now();
    const { rows } = await leader.query(
      `${endless}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot(), now()::text`,
    );
    const [id, at] = rows[0] ?? [];
    if (!id || !at) throw new WireLost("the source exported no snapshot");
    return { id, at, tookMs: performance.now() - asked, leader };
  } catch (thrown) {
    leader.destroy();
    throw thrown;
  }
}
