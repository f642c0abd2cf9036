import { expect, test } from "playwright/test";
import { fieldsRead, orderRoutes } from "../../../kalshi/found-in-code.ts";
import { judgeFields, judgeKeyType, judgeOrderRoute, judgePrograms } from "./exchange-fit.ts";

const code = `
# market.get("commented_out", 0)
def save(market):
    ticker = market.get("ticker", "")
    yes_ask = market.get('yes_ask', 0)
    again = market.get("yes_ask", 0)
    volume = market["volume"]
    other = supermarket.get("milk")
`;

test("the fields that code reads are found with their line, each once, and nobody else's", () => {
  expect(fieldsRead(code, "backend/x.py", "market")).toEqual([
    { name: "ticker", file: "backend/x.py", line: 4 },
    { name: "yes_ask", file: "backend/x.py", line: 5 },
    { name: "volume", file: "backend/x.py", line: 7 },
  ]);
});

test("the route of orders is found, and a route for reading positions is not one", () => {
  expect(orderRoutes('x = 1\npath = "/portfolio/orders"\np = "/portfolio/positions"\n', "backend/e.py")).toEqual([
    { name: "/portfolio/orders", file: "backend/e.py", line: 2 },
  ]);
  expect(orderRoutes("url = '/portfolio/events/orders'", "e.py")[0]?.name).toBe("/portfolio/events/orders");
  const both =
    'p = "/portfolio/orders"\nrequests.get(b + p)\n# "/portfolio/old/orders"\np = "/portfolio/events/orders"\nrequests.post(b + p)\n';
  expect(orderRoutes(both, "e.py")).toEqual([{ name: "/portfolio/events/orders", file: "e.py", line: 4 }]);
});

const read = fieldsRead(code, "backend/x.py", "market");
const old = { asked: "GET /markets", fields: ["ticker", "yes_ask", "volume", "subtitle"] };
const today = { asked: "GET /markets", fields: ["ticker", "yes_ask_dollars", "volume_fp"] };

test("fields that the hook translates are told as such, and one that it cannot translate is missing all the same", () => {
  expect(judgeFields({ read, market: today, translated: true })).toMatchObject({
    level: "warn",
    says: expect.stringMatching(/2 of 3 fields .*for reading only, as you chose/),
  });
  const without = { ...today, fields: ["ticker", "yes_ask_dollars"] };
  expect(judgeFields({ read, market: without, translated: true }).level).toBe("fail");
});

test("fields that the exchange no longer sends are named with their place", () => {
  expect(judgeFields({ read, market: old }).level).toBe("ok");
  expect(judgeFields({ read, market: today })).toMatchObject({
    level: "fail",
    says: expect.stringContaining("2 of 3 fields"),
    objects: ["backend/x.py:5", "backend/x.py:7"],
  });
});

test("where nothing could be looked at, nothing is claimed", () => {
  expect(judgeFields({ read, market: { asked: "GET", notHad: "Kalshi answers 503." } }).level).toBe("unknown");
  expect(judgeFields({ read: [], market: old }).level).toBe("unknown");
  expect(judgeOrderRoute({ routes: [], market: today }).level).toBe("unknown");
});

test("the retired order route is a failure of the exchange's, judged from a dated fact that is told", () => {
  const routes = [{ name: "/portfolio/orders", file: "backend/trade_executor.py", line: 163 }];
  const finding = judgeOrderRoute({ routes, market: today });
  expect(finding).toMatchObject({ level: "fail", objects: ["backend/trade_executor.py:163"] });
  expect(finding.says).toContain("2026-06-30");
  expect(finding.evidence?.asked).toContain("nothing was sent");
  expect(judgeOrderRoute({ routes, market: { asked: "GET", notHad: "no way" } }).level).toBe("fail");
  // An exchange that still sends cents is older than the retirement; it was not asked, so it is not green either.
  expect(judgeOrderRoute({ routes, market: old }).level).toBe("warn");
  expect(
    judgeOrderRoute({ routes: [{ name: "/portfolio/events/orders", file: "e.py", line: 1 }], market: today }).level,
  ).toBe("warn");
});

test("only an RSA key can be used by REC.IO", () => {
  expect(judgeKeyType({ type: "rsa" }).level).toBe("ok");
  expect(judgeKeyType({ type: "ed25519" })).toMatchObject({ level: "fail", says: expect.stringContaining("Ed25519") });
  expect(judgeKeyType("none")).toMatchObject({ level: "fail", label: "machine" });
});

test("an installation without a program that trading needs is not tradable, without a watcher it is", () => {
  expect(judgePrograms([]).level).toBe("ok");
  expect(judgePrograms(["symbol_price_watchdog_eth", "cascading_failure_detector"]).level).toBe("ok");
  expect(judgePrograms(["kalshi_account_sync"])).toMatchObject({
    level: "fail",
    says: expect.stringContaining("kalshi_account_sync"),
  });
});
