import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { isProblem, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { type AccountFacts, collectAccount, judgeBalanceStored } from "../../probes/data/account.ts";
import type { AskedQuestion } from "../../report.ts";
import { programProof } from "../means/program-proof.ts";

/** Our own signed GET /portfolio/balance: cents, or why there are none. `theirFault`: the exchange's, not the key's. */
export type OwnBalance = { cents: number } | { notHad: string; theirFault: boolean };

/** A balance this young must be equal; an older one may have been overtaken. Seconds. */
const mustBeEqualFor = 600;

/** No amount is said: the health page shows this to everybody on this machine. */
export function judgeAccountSync(facts: AccountFacts, own: OwnBalance): Finding {
  const stored = judgeBalanceStored(facts);
  if (stored.level !== "ok" || "unreadable" in facts.account) return stored;
  const { balance, ageSeconds } = facts.account.facts;
  const age = Math.round(ageSeconds ?? 0);
  if ("notHad" in own) {
    if (!own.theirFault)
      return {
        level: "unknown",
        says: `A balance was stored ${age} s ago, and our own could not be had: ${own.notHad}`,
      };
    return {
      level: "warn",
      label: "exchange",
      says: `A balance was stored ${age} s ago, and could not be compared: ${own.notHad}`,
      remedy: sentence("Wait for the exchange."),
    };
  }
  const evidence = {
    asked: "our own signed GET /portfolio/balance beside the newest row of users.account_balance_0001",
    cameBack: balance === null ? "an empty balance" : "two amounts, not shown here",
  };
  // The column is a 4-byte float (real), so the comparison is made with that precision.
  if (balance !== null && Math.fround(balance) === Math.fround(own.cents))
    return { level: "ok", says: `The balance stored ${age} s ago is the one that Kalshi tells us.`, evidence };
  const objects = ["users.account_balance_0001.balance"];
  if (balance === null)
    return {
      level: "fail",
      says: "kalshi_account_sync stored an empty balance: the exchange's answer has no field of that name.",
      label: "exchange",
      objects,
      evidence,
      remedy: sentence("Use a REC.IO that reads the exchange's fields of today."),
    };
  if (age <= mustBeEqualFor)
    return {
      level: "fail",
      says: `The balance stored ${age} s ago is not the one that Kalshi tells us.`,
      objects,
      evidence,
      remedy: sentence("Compare the key of REC.IO with the account that you mean."),
    };
  return {
    level: "warn",
    label: "checkout",
    says: `REC.IO's balance is ${Math.round(age / 60)} min old and no longer right: this checkout reads it at its start and after a position changed.`,
    objects,
    evidence,
    remedy: sentence("Start kalshi_account_sync again to read it anew."),
  };
}

async function ownBalance(world: Pick<World, "kalshi">, signal: AbortSignal): Promise<OwnBalance> {
  try {
    const key = await world.kalshi.installedKey();
    if (!key) return { notHad: "No key is installed.", theirFault: false };
    const { status, body } = await world.kalshi.getSigned(key, "/portfolio/balance", signal);
    const cents: unknown = (body as { balance?: unknown } | null)?.balance;
    if (status === 200 && typeof cents === "number") return { cents };
    return {
      notHad: status === 200 ? "Kalshi's answer holds no balance." : `Kalshi answers ${status}.`,
      theirFault: status >= 500 || status === 429 || status === 200,
    };
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return { notHad: thrown.says, theirFault: false };
  }
}

export function accountSyncProof(answers: Answers): AskedQuestion {
  const withoutKey = answers.kalshi.kind === "none";
  return programProof<"postgres" | "supervisor" | "kalshi">(answers, {
    id: "account-sync-works",
    title: "kalshi_account_sync stores the balance that Kalshi tells",
    program: "kalshi_account_sync",
    group: "Kalshi",
    everyMs: 60_000,
    timeoutMs: 45_000,
    need: withoutKey ? "no" : "installed",
    prove: async (world, signal) => {
      if (withoutKey)
        return {
          level: "warn",
          says: "Installed without a Kalshi key, as you chose: kalshi_account_sync has no account to ask.",
          remedy: sentence("Install a Kalshi key of the type RSA."),
        };
      const facts = await collectAccount(world);
      // Kalshi is not asked for a comparison that cannot be made yet.
      const stored = judgeBalanceStored(facts);
      return stored.level === "ok" ? judgeAccountSync(facts, await ownBalance(world, signal)) : stored;
    },
  });
}
