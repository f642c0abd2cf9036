import { Problem, sentence } from "../problem.ts";
import type { Postgres } from "./postgres.ts";
import { sqlFile } from "./sql-file.ts";

/** "REC" and "IO": the key that every setup takes, whichever machine it runs on. */
const key = [0x52_45_43, 0x49_4f] as const;

/** One who holds no table but waits for nobody: its transaction does nothing and stays open. */
const noTimeout = "SET LOCAL idle_in_transaction_session_timeout = 0";

interface Holder {
  pid: number;
  application: string;
  address: string;
  seconds: number | null;
}

/**
 * Runs `work` as the only setup that changes this database: two runs, two machines, a run and a repair are told apart by
 * a lock on the server. It is held by a transaction of its own, so a pooler in between does not lose it, and it is gone
 * when this process is.
 * @throws Problem `database.somebody-else-writes`, naming who holds it.
 */
export async function asOnlyWriter<T>(postgres: Postgres, work: () => Promise<T>): Promise<T> {
  return postgres.withTransaction("installer", async (session) => {
    await session.query(noTimeout);
    const [row] = await session.query<{ mine: boolean }>("SELECT pg_try_advisory_xact_lock($1, $2) AS mine", key);
    if (row?.mine) return work();
    const [holder] = await session.query<Holder>(sqlFile("probes/writer-lock-holder.sql"), key);
    const who = holder
      ? `${holder.application || "a session without a name"} on ${holder.address} (process ${holder.pid} of the server), for ${holder.seconds ?? 0} s`
      : "a session that has just ended";
    throw new Problem({
      code: "database.somebody-else-writes",
      says: `Another setup is changing this database: ${who}.`,
      remedy: sentence("Let it finish, or stop it there, and try again."),
    });
  });
}
