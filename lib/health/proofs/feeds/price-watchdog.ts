import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { sentence } from "../../../problem.ts";
import { type Coin, collectPrices, judgePriceWatchdog } from "../../probes/data/prices.ts";
import type { AskedQuestion } from "../../report.ts";
import { programProof } from "../means/program-proof.ts";
import { independentQuote, type Quote } from "../means/quote.ts";

const names = { btc: "Bitcoin", eth: "Ether" } as const;

export function priceWatchdogProof(answers: Answers, symbol: Coin): AskedQuestion {
  return programProof<"postgres" | "supervisor">(answers, {
    id: `price-watchdog-${symbol}-works`,
    title: `symbol_price_watchdog_${symbol} stores ${names[symbol]}'s price every second`,
    program: `symbol_price_watchdog_${symbol}`,
    group: "Prices",
    everyMs: 30_000,
    prove: async (world) => judgePriceWatchdog(await collectPrices(world, symbol)),
  });
}

/** Prices may differ by this share before one of them is wrong. */
const tolerance = 0.02;

export function judgeQuote(symbol: Coin, ours: number | null, quote: Quote): Finding {
  const name = symbol.toUpperCase();
  if (ours === null) return { level: "unknown", says: `There is no ${name} price to compare.` };
  if ("notHad" in quote) return { level: "unknown", says: `No other ${name} price could be had: ${quote.notHad}.` };
  const off = Math.abs(ours - quote.price) / quote.price;
  const evidence = { asked: `${quote.from}'s price of ${name}`, cameBack: `${quote.price}; stored here ${ours}` };
  const says = `REC.IO's ${name} price is ${(off * 100).toFixed(2)} % from ${quote.from}'s.`;
  if (off <= tolerance) return { level: "ok", says, evidence };
  return {
    level: "fail",
    says,
    evidence,
    objects: [`live_data.live_price_log_1s_${symbol}.price`],
    remedy: sentence("Do not trade before you know which price is wrong."),
  };
}

/** A second opinion on the price. It decides about trading, not about the installation: the other source may be away. */
export function priceAgreesProof(answers: Answers, symbol: Coin): AskedQuestion {
  return programProof<"postgres" | "supervisor" | "settings">(answers, {
    id: `price-${symbol}-agrees`,
    title: `${names[symbol]}'s price agrees with another source`,
    program: `symbol_price_watchdog_${symbol}`,
    group: "Prices",
    everyMs: 60_000,
    // Only Bitcoin is traded by this checkout.
    need: symbol === "btc" ? "tradable" : "no",
    prove: async (world, signal) => {
      const quote = await independentQuote(world, symbol, signal);
      const { prices } = await collectPrices(world, symbol);
      const fresh = "facts" in prices && prices.facts.ageSeconds !== null && prices.facts.ageSeconds <= 15;
      return judgeQuote(symbol, fresh ? prices.facts.price : null, quote);
    },
  });
}
