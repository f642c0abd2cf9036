import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { firstMarket } from "../../../kalshi/exchange-facts.ts";
import { fundsFound, inShort } from "../../../kalshi/ladder/looks.ts";
import { keyVerdict } from "../../../kalshi/wire/refusal.ts";
import { isProblem, sentence } from "../../../problem.ts";

/** What the account's balance says of trading: never how much there is. */
export type FundsFacts = { balance: unknown; market: Record<string, unknown> | undefined } | { notTold: string };

export function judgeFunds(facts: FundsFacts): Finding {
  if ("notTold" in facts)
    return { level: "unknown", says: `Where the account's money lies is not known: ${facts.notTold}` };
  const {
    says,
    level,
    remedy = sentence("Look at the account on Kalshi's page."),
    evidence,
  } = fundsFound(facts.balance, facts.market);
  return { ...(level === "warn" ? { level, remedy } : { level: "ok" }), says, ...(evidence ? { evidence } : {}) };
}

/** Dear, and it changes when somebody moves money: asked every ten minutes. */
export const keyFunds = probe<"kalshi", FundsFacts>({
  id: "kalshi-funds",
  title: "Money lies where Bitcoin markets trade",
  group: "Kalshi",
  label: "exchange",
  everyMs: 600_000,
  timeoutMs: 15_000,
  async collect({ kalshi }, signal) {
    try {
      const key = await kalshi.installedKey();
      if (!key) return { notTold: "no key is installed." };
      const [balance, markets] = await Promise.all([
        kalshi.getSigned(key, "/portfolio/balance", signal),
        kalshi.get(key.environment, "/markets?series_ticker=KXBTCD&status=open&limit=1", signal),
      ]);
      if (keyVerdict(balance) !== "accepted") return { notTold: `Kalshi answers ${inShort(balance)}.` };
      return { balance: balance.body, market: firstMarket(markets.body) };
    } catch (thrown) {
      if (isProblem(thrown)) return { notTold: thrown.says };
      throw thrown;
    }
  },
  judge: judgeFunds,
}) as AnyProbe;
