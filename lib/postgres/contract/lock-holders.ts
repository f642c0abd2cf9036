import { isProblem, Problem, sentence } from "../../problem.ts";
import type { Postgres } from "../postgres.ts";
import { sqlFile } from "../sql-file.ts";
import { contract } from "./contract.ts";

interface Holder {
  pid: number;
  application: string;
  state: string | null;
  /** Null where the session belongs to a role whose doings the installer may not see. */
  seconds: number | null;
  object: string;
}

/**
 * Runs `work`; where it gave up waiting for a lock, the Problem names the session that holds it. A change that waits
 * would hold up everybody behind it, so ours gives up after 5 s and REC.IO goes on.
 */
export async function namingLockHolder<T>(postgres: Postgres, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isProblem(error) || error.code !== "database.lock-timeout") throw error;
    const values = [contract.map(({ title }) => title)];
    const [holder] = await postgres
      .query<Holder>("installer", sqlFile("probes/lock-holders.sql"), values)
      .catch(() => []);
    if (!holder) throw error;
    const who = `${holder.application || "An unnamed session"} (process ${holder.pid} of the server)`;
    const idle = holder.state?.startsWith("idle in transaction") ? " in a transaction that it left open" : "";
    throw new Problem(
      {
        code: error.code,
        says:
          holder.seconds === null
            ? `${who} holds ${holder.object} locked.`
            : `${who} has held ${holder.object} locked for ${holder.seconds} s${idle}.`,
        remedy: sentence(
          `Stop REC.IO's programs, or end that session with SELECT pg_terminate_backend(${holder.pid}), and try again.`,
        ),
      },
      { cause: error },
    );
  }
}
