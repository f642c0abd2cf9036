import { type Change, step } from "../../engine/step.ts";
import { tablesAreFree } from "../../health/probes/database/blockers.ts";
import { isLeftOpen, type LockHolder, lockHolders, onlooker, whoHolds } from "../../postgres/contract/lock-holders.ts";
import type { As, Postgres } from "../../postgres/postgres.ts";

/** The sessions, as told by somebody who may end each of them. @throws Problem where that is only the administrator, and his password is not known. */
async function holdersToEnd(postgres: Postgres): Promise<{ as: As; holders: LockHolder[] }> {
  const as = onlooker(postgres);
  const holders = await lockHolders(postgres, as);
  if (holders.every(({ mayEnd }) => mayEnd)) return { as, holders };
  return { as: "admin", holders: await lockHolders(postgres, "admin") };
}

const keyOf = ({ pid, since }: LockHolder) => `${pid} ${since}`;
/** A session that was ended rolls its transaction back first. */
const goneWithinMs = 10_000;

/**
 * Ends the sessions for which a change had to be given up, each named first with its age. Only a person asks for this: it
 * is in no plan of an installation.
 */
export const endBlockingSessions = step<"postgres", string[]>({
  id: "end-blocking-sessions",
  title: "End the sessions that keep tables locked",
  why: "A transaction that somebody left open holds up every change; ended, the server takes back what it had not committed.",
  probes: [tablesAreFree],

  async describe({ postgres }): Promise<Change[]> {
    const { holders } = await holdersToEnd(postgres);
    return holders.map((holder) => ({
      what: "process",
      target: whoHolds(holder),
      detail: `${isLeftOpen(holder) ? "left a transaction open" : "is in a transaction"} since ${holder.since ?? "a time that is not told"} and holds ${holder.object}${holder.objects > 1 ? ` and ${holder.objects - 1} more` : ""} locked: ended; what it has not committed is taken back`,
    }));
  },

  async run({ postgres }, job) {
    const { as, holders } = await holdersToEnd(postgres);
    const ended: string[] = [];
    for (const holder of holders) {
      const [answer] = await postgres.query<{ ended: boolean }>(as, "SELECT pg_terminate_backend($1) AS ended", [
        holder.pid,
      ]);
      if (!answer?.ended) continue;
      ended.push(whoHolds(holder));
      job.log(`${whoHolds(holder)} was ended.`);
    }
    const keys = new Set(holders.map(keyOf));
    const deadline = Date.now() + goneWithinMs;
    while ((await lockHolders(postgres, as)).some((holder) => keys.has(keyOf(holder))) && Date.now() < deadline) {
      job.signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return ended;
  },

  undo: { never: "A session that was ended connects again by itself, or not at all." },
});
