import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { askJson, fields } from "../../program-client.ts";
import type { AskedQuestion } from "../../report.ts";
import { type Canary, until, withCanaries } from "../means/canary.ts";
import { programProof, readLog } from "../means/program-proof.ts";

export interface ActiveTradesFacts {
  /** The `success` of the two notices' answers. */
  taken: unknown;
  removed: unknown;
  /** Status of the row in users.active_trades_0001 after the first and after the second notice; null for no row. */
  rowWhile: string | null;
  rowAfter: string | null;
  /** Is the canary in GET /api/active_trades, after the first and after the second notice? */
  listedWhile: boolean;
  listedAfter: boolean;
  countWhile: number;
}

export function judgeActiveTrades(facts: ActiveTradesFacts): Finding {
  const asked = "POST /api/trade_manager_notification pending, GET /api/active_trades, then deleted";
  const cameBack = `row ${facts.rowWhile ?? "missing"}, ${facts.countWhile} listed with the canary ${facts.listedWhile ? "among them" : "missing"}; afterwards row ${facts.rowAfter ?? "gone"}, canary ${facts.listedAfter ? "still listed" : "gone"}`;
  const fail = (says: string): Finding => ({
    level: "fail",
    says,
    objects: ["users.active_trades_0001"],
    evidence: { asked, cameBack },
    remedy: readLog("active_trade_supervisor"),
  });
  if (facts.taken !== true || facts.rowWhile === null)
    return fail("active_trade_supervisor is told of a new trade and keeps no row of it.");
  if (!facts.listedWhile)
    return fail(`active_trade_supervisor lists ${facts.countWhile} trades and not the one that it stored.`);
  if (facts.removed !== true || facts.rowAfter !== null || facts.listedAfter)
    return fail("active_trade_supervisor is told that a trade is gone and keeps it.");
  return {
    level: "ok",
    says: `Takes up a trade, lists it among ${facts.countWhile} and lets go of it.`,
    evidence: { asked, cameBack },
  };
}

export function activeTradeSupervisorProof(answers: Answers): AskedQuestion {
  const program = "active_trade_supervisor";
  return programProof<"postgres" | "checkout">(answers, {
    id: "active-trade-supervisor-works",
    title: "active_trade_supervisor takes up and lets go of a trade",
    program,
    everyMs: 600_000,
    timeoutMs: 45_000,
    prove: (world, signal) =>
      withCanaries(world, signal, async (canaries) => {
        const canary = await canaries.add("pending");
        const notify = async (status: "pending" | "deleted", of: Canary) => {
          const body = { trade_id: of.id, ticket_id: of.ticket, status };
          // It tells main_app before it answers and waits up to 2 s for that.
          const answer = await askJson(
            world,
            { program, method: "POST", path: "/api/trade_manager_notification", body, timeoutMs: 8000 },
            signal,
          );
          return fields(answer).success;
        };
        const active = async () =>
          fields(await askJson(world, { program, method: "GET", path: "/api/active_trades" }, signal)).active_trades;
        const listed = (trades: unknown) =>
          Array.isArray(trades) && trades.some((trade) => fields(trade).ticket_id === canary.ticket);
        const taken = await notify("pending", canary);
        const rowWhile = (await canaries.traces(canary)).active;
        // With the stop-loss on it answers from a cache of 2 s.
        const trades = await until(active, listed, 4000, signal);
        const removed = await notify("deleted", canary);
        const rowAfter = (await canaries.traces(canary)).active;
        const left = await until(active, (now) => !listed(now), 4000, signal);
        return judgeActiveTrades({
          taken,
          removed,
          rowWhile,
          rowAfter,
          listedWhile: listed(trades),
          listedAfter: listed(left),
          countWhile: Array.isArray(trades) ? trades.length : 0,
        });
      }),
  });
}
