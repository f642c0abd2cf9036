import type { AnyProbe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import type { AskedQuestion } from "../../report.ts";
import { exchangeFitProbes } from "../kalshi/exchange-fit.ts";
import { accountProbes } from "./account.ts";
import { autoEntryProbes } from "./auto-entry.ts";
import { healthRowProbes } from "./health-row.ts";
import { marketProbes } from "./markets.ts";
import { priceProbes } from "./prices.ts";
import { strikeTableProbes } from "./strike-table.ts";

/** The questions about data that must go on arriving, each with what it decides. One SQL statement a second serves all of them. */
export function neededLiveDataProbes(answers: Answers): AskedQuestion[] {
  const without = answers.consent.goOnWithout;
  return [
    ...priceProbes(),
    ...marketProbes(),
    ...strikeTableProbes(answers),
    ...accountProbes(answers),
    ...autoEntryProbes(),
    ...healthRowProbes(answers),
  ].map((asked) => (without.includes(servedBy[asked.question.id] ?? "") ? { ...asked, need: "no" as const } : asked));
}

/** The program whose data a probe looks at. What the person went without is not required of it. */
const servedBy: Readonly<Record<string, string>> = {
  "prices-btc-fresh": "symbol_price_watchdog_btc",
  "momentum-btc": "symbol_price_watchdog_btc",
  "prices-eth-fresh": "symbol_price_watchdog_eth",
  "markets-stored": "kalshi_market_watchdog",
  "strike-table-computed": "strike_table_generator",
  "watchlist-readable": "auto_entry_supervisor",
  "auto-entry-row-written": "auto_entry_supervisor",
  "health-row-fresh": "system_monitor",
};

/** The live-data probes alone. */
export function liveDataProbes(answers: Answers): AnyProbe[] {
  return neededLiveDataProbes(answers).map(({ question }) => question as AnyProbe);
}

/** The questions about the exchange as it is today, each with what it decides: nothing but "tradable". */
export function neededExchangeProbes(answers: Answers): AskedQuestion[] {
  return exchangeFitProbes(answers);
}

/** The exchange probes alone. */
export function exchangeProbes(answers: Answers): AnyProbe[] {
  return neededExchangeProbes(answers).map(({ question }) => question as AnyProbe);
}
