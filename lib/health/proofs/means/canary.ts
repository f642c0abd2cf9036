import { setTimeout as pause } from "node:timers/promises";
import type { Session } from "../../../postgres/postgres.ts";
import { sqlFile } from "../../../postgres/sql-file.ts";
import { Problem, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { canaryTicker, newCanaryTicket } from "./canary-mark.ts";

/** A row of ours in users.trades_0001. */
export interface Canary {
  id: number;
  ticket: string;
}

/** What REC.IO's programs made of a canary, read from their tables. */
export interface CanaryTraces {
  /** Status of the row in users.trades_0001, null where it is gone. */
  status: string | null;
  /** Status of the row in users.active_trades_0001, null where there is none. */
  active: string | null;
  /** Services that wrote about it into users.trade_logs_0001. */
  loggedBy: readonly string[];
}

export interface Canaries {
  /** Puts a row into users.trades_0001. "canary" is a status that no program acts on; "pending" is what the active trade supervisor takes up. */
  add(status: "canary" | "pending"): Promise<Canary>;
  traces(canary: Canary): Promise<CanaryTraces>;
}

/** One key for all proofs with canaries, whichever process they run in. Any number would do. */
const lockKey = 7_261_114_091;

async function takeTurn(session: Session, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const [row] = await session.query<{ taken: boolean }>("SELECT pg_try_advisory_lock($1::bigint) AS taken", [
      lockKey,
    ]);
    if (row?.taken) return;
    if (Date.now() > deadline)
      throw new Problem({
        code: "proof.another-runs",
        says: "Another proof has its canary out; this one was not asked.",
        remedy: sentence("Wait for it to end."),
      });
    await pause(100, undefined, { signal });
  }
}

/**
 * Lends `work` a session while no other proof that changes something runs on this database, in whichever process. The
 * lock belongs to the session, so a process that dies gives it back.
 * @throws Problem `proof.another-runs` where the turn does not come within 10 s.
 */
export async function inTurn<T>(
  world: Pick<World, "postgres">,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return world.postgres.withSession("app", async (session) => {
    await takeTurn(session, signal);
    try {
      return await work(session);
    } finally {
      await session.query("SELECT pg_advisory_unlock($1::bigint)", [lockKey]);
    }
  });
}

/**
 * Lends `work` marked rows and removes every trace of them afterwards, whatever happens. Leftovers of an attempt that
 * was killed are removed before it begins.
 */
export async function withCanaries<T>(
  world: Pick<World, "postgres">,
  signal: AbortSignal,
  work: (canaries: Canaries) => Promise<T>,
): Promise<T> {
  return inTurn(world, signal, async (session) => {
    const sweep = () => session.query(sqlFile("probes/canary-sweep.sql"), [canaryTicker]);
    await sweep();
    try {
      return await work({
        async add(status) {
          const ticket = newCanaryTicket();
          const [row] = await session.query<{ id: number }>(sqlFile("probes/canary-add.sql"), [
            status,
            canaryTicker,
            ticket,
          ]);
          if (!row) throw new Error("the INSERT of a canary gave no row back");
          return { id: row.id, ticket };
        },
        async traces(canary) {
          const [row] = await session.query<CanaryTraces>(sqlFile("probes/canary-traces.sql"), [
            canary.id,
            canary.ticket,
          ]);
          return row ?? { status: null, active: null, loggedBy: [] };
        },
      });
    } finally {
      // Not bound to the signal: a proof that ran out of time removes its canary all the same.
      await sweep();
    }
  });
}

/** Asks again every 100 ms until `good` holds or `patienceMs` is over; resolves with the last answer. */
export async function until<T>(
  look: () => Promise<T>,
  good: (seen: T) => boolean,
  patienceMs: number,
  signal: AbortSignal,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (good(seen) || Date.now() > deadline) return seen;
    await pause(100, undefined, { signal });
  }
}
