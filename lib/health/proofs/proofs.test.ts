import { expect, test } from "playwright/test";
import { testAnswers } from "../test-world.ts";
import { neededProofs, requiredProofs } from "./proofs.ts";

test("all twelve programs have a proof that installed needs, feeds first and system_monitor last", () => {
  const keyed = testAnswers({
    kalshi: { kind: "key", environment: "demo", keyId: "a952bcbe-ec3b-4b5b-b8f9-11dae589608c" },
  });
  const programs = [...new Set(requiredProofs(keyed).map((proof) => proof.program))];
  expect(programs).toEqual([
    "symbol_price_watchdog_btc",
    "symbol_price_watchdog_eth",
    "kalshi_market_watchdog",
    "strike_table_generator",
    "kalshi_account_sync",
    "trade_executor",
    "trade_manager",
    "active_trade_supervisor",
    "auto_entry_supervisor",
    "main_app",
    "cascading_failure_detector",
    "system_monitor",
  ]);
  const ids = neededProofs(keyed).map(({ question }) => question.id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a program that the person went without is a lasting warn that nobody is asked for", async () => {
  const answers = testAnswers({ consent: { systemPackages: false, goOnWithout: ["trade_manager"] } });
  const asked = neededProofs(answers).find(({ question }) => question.id === "trade-manager-works");
  expect(asked?.need).toBe("no");
  if (asked?.question.kind !== "proof") throw new Error("not a proof");
  expect(await asked.question.prove({} as never, new AbortController().signal)).toMatchObject({
    level: "warn",
    label: "checkout",
  });
  const without = neededProofs(testAnswers()).find(({ question }) => question.id === "account-sync-works");
  expect(without?.need).toBe("no");
});
