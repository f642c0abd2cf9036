import { expect, test } from "playwright/test";
import { testAnswers } from "../../test-world.ts";
import { judgeAutoEntryRow } from "./auto-entry.ts";
import { neededExchangeProbes, neededLiveDataProbes } from "./live-data.ts";
import { known } from "./test-facts.ts";

test("automated entry without its row, or with a row that stands still, has failed", () => {
  const row = { ageSeconds: 1, status: "DISABLED", enabled: false, minProbability: 95 };
  expect(judgeAutoEntryRow({ row: known(row), upForSeconds: 99 }).level).toBe("ok");
  expect(judgeAutoEntryRow({ row: known({ ...row, ageSeconds: 40 }), upForSeconds: 99 }).level).toBe("fail");
  expect(judgeAutoEntryRow({ row: known({ ...row, ageSeconds: 40 }), upForSeconds: 3 }).level).toBe("unknown");
  expect(judgeAutoEntryRow({ row: known(null) })).toMatchObject({ level: "fail", remedy: { stepId: "seed-rows" } });
});

test("what nobody owns up to the exchange is required for installed, what it alone can spoil only for tradable", () => {
  const needs = Object.fromEntries(
    [
      ...neededLiveDataProbes(
        testAnswers({ kalshi: { kind: "key", environment: "demo", keyId: "a952bcbe-ec3b-4b5b-b8f9-11dae589608c" } }),
      ),
      ...neededExchangeProbes(testAnswers()),
    ].map(({ question, need }) => [question.id, need]),
  );
  expect(needs).toMatchObject({
    "markets-stored": "installed",
    "markets-priced": "tradable",
    "strike-table-computed": "installed",
    "strike-table-usable": "tradable",
    "exchange-order-route": "tradable",
    "exchange-market-fields": "tradable",
    "account-balance-stored": "installed",
  });
  const without = neededLiveDataProbes(
    testAnswers({
      consent: { systemPackages: false, goOnWithout: ["symbol_price_watchdog_eth", "kalshi_account_sync"] },
    }),
  );
  expect(without.find(({ question }) => question.id === "prices-eth-fresh")?.need).toBe("no");
  expect(without.some(({ question }) => question.id.startsWith("account-"))).toBe(false);
});
