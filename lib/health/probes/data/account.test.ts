import { expect, test } from "playwright/test";
import type { Account } from "../../live-data/sections.ts";
import { judgeAccountRows, judgeAccountUpdates, judgeBalanceStored, websocketState } from "./account.ts";

const account = (changes: Partial<Account> = {}) => ({
  facts: {
    balances: 1,
    balance: 123_456,
    ageSeconds: 30,
    positions: 2,
    positionsWithoutNumbers: 0,
    fills: 3,
    fillsWithoutNumbers: 0,
    ...changes,
  },
});

test("a balance from before the program's start proves nothing", () => {
  expect(judgeBalanceStored({ account: account(), upForSeconds: 60 }).level).toBe("ok");
  expect(judgeBalanceStored({ account: account({ ageSeconds: 86_400 }), upForSeconds: 60 }).level).toBe("fail");
  expect(judgeBalanceStored({ account: account({ ageSeconds: 86_400 }), upForSeconds: 8 }).level).toBe("unknown");
  expect(judgeBalanceStored({ account: account() }).level).toBe("fail");
});

test("positions and fills without numbers are the exchange's new dialect", () => {
  expect(judgeAccountRows({ account: account() }).level).toBe("ok");
  expect(judgeAccountRows({ account: account({ positions: 0, fills: 0 }) }).level).toBe("ok");
  expect(judgeAccountRows({ account: account({ positionsWithoutNumbers: 2 }) })).toMatchObject({
    level: "fail",
    objects: expect.arrayContaining(["users.positions_0001.position"]),
  });
});

test("the websocket's last word in the log counts, and an earlier process's does not", () => {
  const subscribed = "[x] ✅ Subscribed to market positions with SID: 1";
  const refused = "[x] ❌ Failed to connect to User Fills WebSocket: server rejected WebSocket connection: HTTP 401";
  const unfit =
    "[x] ❌ Failed to connect to User Fills WebSocket: connect() got an unexpected keyword argument 'additional_headers'";
  const start = "🔌 Kalshi Account Hybrid WebSocket/Polling Supervisor Starting...";
  expect(websocketState(`${refused}\n${subscribed}\nmore`)).toBe("live");
  expect(websocketState(`${subscribed}\n${refused}`)).toBe("refused");
  expect(websocketState(`${subscribed}\n${unfit}`)).toBe("unfit");
  expect(websocketState(`${subscribed}\n${start}\nbalance`)).toBe("untold");
  expect(judgeAccountUpdates({ environment: "demo", log: refused })).toMatchObject({
    level: "fail",
    label: "checkout",
  });
  expect(judgeAccountUpdates({ environment: "prod", log: refused }).level).toBe("fail");
  expect(judgeAccountUpdates({ environment: "prod", log: unfit })).toMatchObject({ level: "fail", label: "machine" });
  expect(judgeAccountUpdates({ environment: "prod" }).level).toBe("unknown");
});
