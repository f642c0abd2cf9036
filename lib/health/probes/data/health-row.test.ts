import { expect, test } from "playwright/test";
import { Problem } from "../../../problem.ts";
import { collectMonitor, judgeHealthRow } from "./health-row.ts";
import { type Facts, known } from "./test-facts.ts";

const names = ["main_app", "trade_manager", "kalshi_account_sync"];
const monitor = (
  row: Partial<NonNullable<Facts<"healthRow">>>,
  more: { supervised?: string[]; without?: string[]; upForSeconds?: number } = {},
) =>
  judgeHealthRow({
    row: known({ ageSeconds: 5, overall: "healthy", healthy: 3, total: 3, failed: [], ...row }),
    supervised: names,
    without: [],
    upForSeconds: 900,
    ...more,
  });

test("healthy 12 of 12 counts for nothing when it is old", () => {
  expect(monitor({}).level).toBe("ok");
  expect(monitor({ ageSeconds: 612 })).toMatchObject({ level: "fail", says: expect.stringContaining("612 s ago") });
  expect(monitor({ ageSeconds: 612 }, { upForSeconds: 10 }).level).toBe("unknown");
});

test("a monitor that counts other programs, or sees none of them, looks at another supervisord", () => {
  expect(monitor({ total: 12, healthy: 12 }).level).toBe("fail");
  expect(monitor({ healthy: 0, failed: names, overall: "degraded" })).toMatchObject({
    level: "fail",
    remedy: { stepId: "install-hook" },
  });
  expect(monitor({ healthy: 2, failed: ["main_app"], overall: "degraded" })).toMatchObject({
    level: "fail",
    says: expect.stringContaining("main_app"),
  });
});

test("a program that the person went without is missed by the monitor and by nobody else", () => {
  const finding = monitor(
    { healthy: 2, failed: ["kalshi_account_sync"], overall: "degraded" },
    { supervised: ["main_app", "trade_manager"], without: ["kalshi_account_sync"] },
  );
  expect(finding).toMatchObject({
    level: "ok",
    says: expect.stringContaining("It misses kalshi_account_sync, as you agreed."),
  });
});

test("a monitor that was started again is waited for while its last life's state is recent, and a late one is warned about", () => {
  expect(monitor({ ageSeconds: 70 }, { upForSeconds: 10 })).toMatchObject({ level: "warn" });
  expect(monitor({ ageSeconds: 60 })).toMatchObject({ level: "warn", says: expect.stringContaining("60 s ago") });
  expect(monitor({ ageSeconds: 91 }).level).toBe("fail");
});

test("without a key, the program that needs one is among those that the monitor misses as agreed", async () => {
  const world = {
    postgres: {
      async query(_role: string, sql: string) {
        if (sql === "SELECT 1") return [];
        throw new Problem({ code: "database.relation-missing", says: "The table is missing." });
      },
    },
    supervisor: { daemon: async () => undefined, programs: async () => [] },
    checkout: { supervised: async () => [] },
  };
  const answers = { kalshi: { kind: "none", environment: "demo" }, consent: { goOnWithout: ["agreed"] } };
  expect((await collectMonitor(world as never, answers as never)).without).toEqual(["agreed", "kalshi_account_sync"]);
});
