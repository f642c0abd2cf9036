import { expect, test } from "playwright/test";
import { fault } from "../../rehearsal/kalshi/state.ts";
import { diagnose } from "../diagnose.ts";
import { type TestExchange, testExchange } from "../test-exchange.ts";

let exchange: TestExchange;
test.beforeEach(async () => {
  exchange = await testExchange("today");
});
test.afterEach(() => exchange.stop());

const slow = (path: string, more: object) => exchange.standIns.prod.faults.set(fault.parse({ path, ...more }));

/** Climbs with less patience than a person's page has. */
async function climbed(timeoutMs: number) {
  const { keyId, pem } = exchange.keys.prod;
  const input = { environment: "prod" as const, keyId, privateKey: pem };
  return (await diagnose(exchange.client(), input, { timeoutMs })).diagnosis;
}
const asked = (path: string) => exchange.requests.all().filter((seen) => seen.path.includes(path)).length;

test("where the whole time is over before the key was accepted, nothing is said of the key", async () => {
  slow("/exchange/status", { status: 503, body: "{}", delayMs: 200 });
  const { outcome, says, rungs } = await climbed(500);
  expect({ outcome, says }).toEqual({ outcome: "network", says: "Kalshi's answers do not come within 20 seconds." });
  expect(rungs.find(({ id }) => id === "accepted")).toMatchObject({ level: "unknown", detail: "The time was over." });
});

test("where the time is over afterwards, what was learnt stands, and what was not asked is said to be so", async () => {
  slow("/markets", { slowBodyMs: 5_000 });
  const { outcome, accepted, rungs, receipt } = await climbed(1_200);
  expect({ outcome, accepted }).toEqual({ outcome: "ok", accepted: true });
  expect(rungs.find(({ id }) => id === "websocket")).toMatchObject({ level: "unknown", detail: "The time was over." });
  expect(receipt.find(({ id }) => id === "account")?.level).toBe("ok");
});

test("only what asking again can mend is asked again, and no more than twice", async () => {
  for (const [status, times] of [
    [429, 3],
    [503, 3],
    [404, 1],
    [401, 1],
  ] as const) {
    exchange.requests.forget();
    exchange.standIns.prod.faults.clear();
    slow("/portfolio/balance", { status, body: '{"error":"x"}' });
    await climbed(19_000);
    expect(asked("/portfolio/balance"), `${status}`).toBe(times);
  }
});
