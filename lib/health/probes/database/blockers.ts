import { type AnyProbe, probe } from "../../../engine/probe.ts";
import { type LockHolder, lockHolders, whoHolds } from "../../../postgres/contract/lock-holders.ts";
import { repairedBy } from "../../../problem.ts";

/** "No other session keeps REC.IO's tables locked": asked where a change had to be given up for one, and not all day. */
export const tablesAreFree: AnyProbe = probe<"postgres", LockHolder[]>({
  id: "tables-are-free",
  title: "No other session keeps REC.IO's tables locked",
  group: "Database",
  label: "machine",
  everyMs: 60_000,
  collect: ({ postgres }) => lockHolders(postgres),
  judge(holders) {
    const [first] = holders;
    if (!first) return { level: "ok", says: "No transaction holds a table of REC.IO for longer than a change waits." };
    return {
      level: "fail",
      says: `${holders.map(whoHolds).join(", and ")} ${holders.length === 1 ? "holds" : "hold"} tables of REC.IO locked.`,
      objects: holders.map(({ object }) => object),
      remedy: repairedBy("end-blocking-sessions", "End that session."),
    };
  },
});
