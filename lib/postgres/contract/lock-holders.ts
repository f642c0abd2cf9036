import { isProblem, Problem, repairedBy } from "../../problem.ts";
import type { As, Postgres } from "../postgres.ts";
import { sqlFile } from "../sql-file.ts";
import { contract } from "./contract.ts";

/** A session that holds tables of REC.IO locked. What the asking role may not see of it is null. */
export interface LockHolder {
  pid: number;
  application: string | null;
  role: string;
  state: string | null;
  address: string | null;
  /** When its transaction began: "2026-11-20 15:03:22 UTC". */
  since: string | null;
  seconds: number | null;
  /** One of the tables. */
  object: string;
  objects: number;
  /** The asking role may end it. */
  mayEnd: boolean;
}

/** Ours gives up after this many seconds, so a transaction that is younger was not what it waited for. */
const waitedSeconds = 4;

/** Who sees most of other sessions: with us the superuser, on a foreign server our own role, which is always let in. */
export function onlooker(postgres: Postgres): As {
  return postgres.target.kind === "embedded" ? "admin" : "installer";
}

/** Sessions that hold tables of the contract for longer than a change waits, the oldest first. */
export async function lockHolders(postgres: Postgres, as: As = onlooker(postgres)): Promise<LockHolder[]> {
  const values = [contract.map(({ title }) => title)];
  const options = { database: postgres.target.database };
  const found = await postgres.query<LockHolder>(as, sqlFile("probes/lock-holders.sql"), values, options);
  return found.filter(({ seconds }) => seconds === null || seconds >= waitedSeconds);
}

/** "psql (process 412 of the server, role ada, from this machine)". */
export function whoHolds({ application, pid, role, address }: LockHolder): string {
  const from = address ? `, from ${address}` : "";
  return `${application || "An unnamed session"} (process ${pid} of the server, role ${role}${from})`;
}

/** True for a transaction that was begun and left: whoever began it does nothing in it now. */
export const isLeftOpen = ({ state }: LockHolder) => state?.startsWith("idle in transaction") === true;

/**
 * Runs `work`; where it gave up waiting for a lock, the Problem names the session that holds it, and offers to end it. A
 * change that waits would hold up everybody behind it, so ours gives up after 5 s and REC.IO goes on.
 */
export async function namingLockHolder<T>(postgres: Postgres, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isProblem(error) || error.code !== "database.lock-timeout") throw error;
    const [holder] = await lockHolders(postgres).catch(() => []);
    if (!holder) throw error;
    const more = holder.objects > 1 ? ` and ${holder.objects - 1} more` : "";
    const open = isLeftOpen(holder) ? " in a transaction that it left open" : "";
    const held =
      holder.seconds === null
        ? `holds ${holder.object}${more} locked`
        : `has held ${holder.object}${more} locked for ${holder.seconds} s${open}`;
    throw new Problem(
      {
        code: error.code,
        says: `${whoHolds(holder)} ${held}.`,
        remedy: repairedBy("end-blocking-sessions", "End that session."),
      },
      { cause: error },
    );
  }
}
