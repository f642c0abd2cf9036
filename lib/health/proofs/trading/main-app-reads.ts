import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { askJson, fields } from "../../program-client.ts";
import type { AskedQuestion } from "../../report.ts";
import { withCanaries } from "../means/canary.ts";
import { programProof, readLog } from "../means/program-proof.ts";
import { lists } from "./trade-manager.ts";

export interface MainReadsFacts {
  trades: number;
  listed: boolean;
}

export function judgeMainReads({ trades, listed }: MainReadsFacts): Finding {
  const evidence = {
    asked: "a canary row in users.trades_0001, then GET /api/db/trades of main_app",
    cameBack: `${trades} trades, the canary ${listed ? "among them" : "missing"}`,
  };
  if (listed) return { level: "ok", says: `Shows a row that was written a moment ago, among ${trades}.`, evidence };
  return {
    level: "fail",
    says: `main_app answers 200 with ${trades} trades, and not the one that stands in users.trades_0001.`,
    objects: ["users.trades_0001"],
    evidence,
    remedy: readLog("main_app"),
  };
}

export function mainReadsProof(answers: Answers): AskedQuestion {
  return programProof<"postgres" | "checkout">(answers, {
    id: "main-app-reads",
    title: "main_app shows what is in the database",
    program: "main_app",
    everyMs: 600_000,
    prove: (world, signal) =>
      withCanaries(world, signal, async (canaries) => {
        const canary = await canaries.add("canary");
        const { trades } = fields(
          await askJson(
            world,
            { program: "main_app", method: "GET", path: "/api/db/trades", timeoutMs: 10_000 },
            signal,
          ),
        );
        return judgeMainReads({ trades: Array.isArray(trades) ? trades.length : 0, listed: lists(trades, canary) });
      }),
  });
}
