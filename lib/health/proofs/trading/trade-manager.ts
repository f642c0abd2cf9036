import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { askProgram, fields, jsonOf } from "../../program-client.ts";
import type { AskedQuestion } from "../../report.ts";
import { type Canary, type CanaryTraces, until, withCanaries } from "../means/canary.ts";
import { programProof, readLog } from "../means/program-proof.ts";

export interface TradeManagerFacts {
  /** The canary's ticket is in the answer of GET /trades. */
  listed: boolean;
  /** How many trades that answer held. */
  trades: number;
  /** What POST /api/update_trade_status said. */
  message: unknown;
  after: CanaryTraces;
}

/** True where the answer of a list of trades holds the canary with its own id, not only its ticket. */
export function lists(trades: unknown, canary: Canary): boolean {
  return (
    Array.isArray(trades) &&
    trades.some((trade) => fields(trade).ticket_id === canary.ticket && fields(trade).id === canary.id)
  );
}

export function judgeTradeManager({ listed, trades, message, after }: TradeManagerFacts): Finding {
  const asked = "a canary row, GET /trades and POST /api/update_trade_status of trade_manager";
  const cameBack = `${trades} trades, the canary ${listed ? "among them" : "missing"}; "${String(message)}"; status ${after.status ?? "gone"}; log by ${after.loggedBy.join(", ") || "nobody"}`;
  const fail = (says: string, objects: readonly string[]): Finding => ({
    level: "fail",
    says,
    objects,
    evidence: { asked, cameBack },
    remedy: readLog("trade_manager"),
  });
  if (!listed)
    return fail(`trade_manager lists ${trades} trades and not the one that stands in users.trades_0001.`, [
      "users.trades_0001",
    ]);
  if (after.status !== "error")
    return fail(`trade_manager says it stored a new status, and the row still says ${after.status ?? "nothing"}.`, [
      "users.trades_0001.status",
    ]);
  if (!after.loggedBy.includes("trade_manager"))
    return fail("trade_manager keeps no log of trades: users.trade_logs_0001 holds no line of its own.", [
      "users.trade_logs_0001",
    ]);
  return {
    level: "ok",
    says: `Lists a trade out of ${trades}, stores its new status and logs it.`,
    evidence: { asked, cameBack },
  };
}

export function tradeManagerProof(answers: Answers): AskedQuestion {
  return programProof<"postgres" | "checkout">(answers, {
    id: "trade-manager-works",
    title: "trade_manager reads and writes trades",
    program: "trade_manager",
    everyMs: 600_000,
    prove: (world, signal) =>
      withCanaries(world, signal, async (canaries) => {
        const canary = await canaries.add("canary");
        const trades = jsonOf(
          await askProgram(world, { program: "trade_manager", method: "GET", path: "/trades" }, signal),
        );
        const body = { ticket_id: canary.ticket, status: "error", error_message: "canary of the health page" };
        const answer = await askProgram(
          world,
          // It tells two other programs first and waits up to 7 s for them.
          { program: "trade_manager", method: "POST", path: "/api/update_trade_status", body, timeoutMs: 12_000 },
          signal,
        );
        // 404 is its way of saying that it does not see the row: a judgement, not an accident.
        const message = answer.status === 404 ? "not found" : fields(jsonOf(answer)).message;
        const after = await until(
          () => canaries.traces(canary),
          (seen) => seen.status === "error" && seen.loggedBy.includes("trade_manager"),
          2000,
          signal,
        );
        return judgeTradeManager({
          listed: lists(trades, canary),
          trades: Array.isArray(trades) ? trades.length : 0,
          message,
          after,
        });
      }),
  });
}
