import type { AnyProof, Proof } from "../../engine/probe.ts";
import type { Secrets } from "../../engine/step.ts";
import type { Answers } from "../../install/answers.ts";
import type { AskedQuestion } from "../report.ts";
import { accountSyncProof } from "./feeds/account-sync.ts";
import { marketWatchdogProof } from "./feeds/market-watchdog.ts";
import { priceAgreesProof, priceWatchdogProof } from "./feeds/price-watchdog.ts";
import { strikeTableGeneratorProof } from "./feeds/strike-table-generator.ts";
import { activeTradeSupervisorProof } from "./trading/active-trade-supervisor.ts";
import { autoEntrySupervisorProof } from "./trading/auto-entry-supervisor.ts";
import { loginBypassProof, loginProof } from "./trading/main-app-login.ts";
import { mainReadsProof } from "./trading/main-app-reads.ts";
import { mainStoresProof } from "./trading/main-app-stores.ts";
import { tradeExecutorProof } from "./trading/trade-executor.ts";
import { tradeManagerProof } from "./trading/trade-manager.ts";
import { detectorProof } from "./watchers/cascading-failure-detector.ts";
import { systemMonitorProof } from "./watchers/system-monitor.ts";

/**
 * The proofs of all programs, each with what it decides, in the safe order of the programs: feeds first, system_monitor
 * last.
 * @param secrets the secrets that the runtime holds in memory at the moment of asking: with the login password the right
 *   login is tried as well.
 */
export function neededProofs(answers: Answers, secrets: () => Secrets = () => ({})): AskedQuestion[] {
  return [
    priceWatchdogProof(answers, "btc"),
    priceWatchdogProof(answers, "eth"),
    marketWatchdogProof(answers),
    strikeTableGeneratorProof(answers),
    accountSyncProof(answers),
    tradeExecutorProof(answers),
    tradeManagerProof(answers),
    activeTradeSupervisorProof(answers),
    autoEntrySupervisorProof(answers),
    mainReadsProof(answers),
    mainStoresProof(answers),
    loginProof(answers, () => secrets().loginPassword),
    loginBypassProof(answers),
    detectorProof(answers),
    systemMonitorProof(answers),
    priceAgreesProof(answers, "btc"),
    priceAgreesProof(answers, "eth"),
  ];
}

/** The proofs alone, in the same order. */
export function proofs(answers: Answers, secrets?: () => Secrets): Proof[] {
  return neededProofs(answers, secrets).map(({ question }) => question as AnyProof);
}

/** The proofs that must hold for "installed": what a plan proves at its end. */
export function requiredProofs(answers: Answers, secrets?: () => Secrets): Proof[] {
  return neededProofs(answers, secrets)
    .filter(({ need }) => need === "installed")
    .map(({ question }) => question as AnyProof);
}
