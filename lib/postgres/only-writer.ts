import { hostname } from "node:os";
import { Problem, sentence } from "../problem.ts";
import { quoteLiteral } from "./identifier.ts";
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
  since: string | null;
  seconds: number | null;
}

/** How this process is called while it holds the lock: the server shows 63 bytes of it to whoever comes second. */
function nameOf(doing: string): string {
  return `REC.IO Setup on ${hostname().slice(0, 24)}, ${doing}`.replace(/[^\x20-\x7e]/g, "?").slice(0, 63);
}

/** What is told to whoever comes second. */
function somebodyElse(holder: Holder | undefined): Problem {
  const who = holder
    ? `${holder.application || "a session without a name"}, from ${holder.address}, since ${holder.since ?? "just now"} (${holder.seconds ?? 0} s; process ${holder.pid} of the server)`
    : "a session that has just ended";
  return new Problem({
    code: "database.somebody-else-writes",
    says: `Another setup is changing this database: ${who}.`,
    remedy: sentence("Let it finish, or stop it there, and try again."),
  });
}

/**
 * Runs `work` as the only setup that changes this database: two runs, two machines, a run and a repair are told apart by
 * a lock on the server. It is held by a transaction of its own, so a pooler in between does not lose it, and it is gone
 * when this process is.
 * @param doing what is done, in a few words: it is told to whoever comes second
 * @throws Problem `database.somebody-else-writes`, naming who holds it: host, program, since when.
 */
export async function asOnlyWriter<T>(postgres: Postgres, doing: string, work: () => Promise<T>): Promise<T> {
  return postgres.withTransaction("installer", async (session) => {
    await session.query(noTimeout);
    await session.query(`SET LOCAL application_name = ${quoteLiteral(nameOf(doing))}`);
    const [row] = await session.query<{ mine: boolean }>("SELECT pg_try_advisory_xact_lock($1, $2) AS mine", key);
    if (row?.mine) return work();
    throw somebodyElse((await session.query<Holder>(sqlFile("probes/writer-lock-holder.sql"), key))[0]);
  });
}

/** As {@link asOnlyWriter}, where the database may be gone by now: without one there is nobody to be told apart from. */
export async function asOnlyWriterIfThere<T>(postgres: Postgres, doing: string, work: () => Promise<T>): Promise<T> {
  let begun = false;
  try {
    return await asOnlyWriter(postgres, doing, () => {
      begun = true;
      return work();
    });
  } catch (thrown) {
    if (begun || (thrown as { code?: unknown }).code === "database.somebody-else-writes") throw thrown;
    return work();
  }
}
