import type { Answers } from "../../../install/answers.ts";
import { collectMarkets, judgeMarketsStored } from "../../probes/data/markets.ts";
import type { AskedQuestion } from "../../report.ts";
import { programProof } from "../means/program-proof.ts";

/** Whether the stored markets say anything is the exchange's question, asked by the probe markets-priced. */
export function marketWatchdogProof(answers: Answers): AskedQuestion {
  return programProof<"postgres" | "supervisor" | "kalshi">(answers, {
    id: "market-watchdog-works",
    title: "kalshi_market_watchdog stores the markets of this hour",
    program: "kalshi_market_watchdog",
    group: "Kalshi",
    everyMs: 30_000,
    prove: async (world, signal) => judgeMarketsStored(await collectMarkets(world, signal)),
  });
}
