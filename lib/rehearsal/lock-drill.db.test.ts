import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "playwright/test";
import { lock, release, tradingState } from "../postgres/order-lock.ts";
import { type TestInstallation, testInstallation } from "../postgres/test-installation.ts";
import { drillLock, type LockDrillGround, lockDrillFaults } from "./lock-drill.ts";

let installed: TestInstallation;
let mainApp: Server;
test.beforeAll(async () => {
  installed = await testInstallation();
  // REC.IO's page, reduced to its switch: it writes what it is told and answers what it was told.
  mainApp = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { enabled } = JSON.parse(Buffer.concat(parts).toString()) as { enabled: boolean };
    await installed.postgres.query("app", "UPDATE users.auto_trade_settings_0001 SET auto_entry = $1 WHERE id = 1", [
      enabled,
    ]);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ enabled }));
  });
  await new Promise<void>((resolve) => mainApp.listen(0, "127.0.0.1", resolve));
});
test.afterAll(async () => {
  mainApp?.close();
  await installed?.end();
});

function ground(commands: Partial<Record<"lock" | "release", () => Promise<void>>> = {}): LockDrillGround {
  const { postgres } = installed;
  const url = `http://127.0.0.1:${(mainApp.address() as AddressInfo).port}`;
  const all = { lock: () => lock(postgres), release: () => release(postgres, "all"), ...commands };
  return {
    world: { postgres, checkout: { urlOf: async () => url } as never },
    async trading(what) {
      if (what !== "status") await all[what]();
      return tradingState(postgres);
    },
    orders: async () => 0,
    writtenWithinMs: 1_000,
  };
}

test("held, released, held again: REC.IO's switch works in the middle alone, and says that it worked each time", async () => {
  const facts = await drillLock(ground());
  expect(lockDrillFaults(facts), JSON.stringify(facts)).toEqual([]);
  expect([facts.held.answered, facts.released.answered, facts.heldAgain.answered]).toEqual([true, true, true]);
  const [row] = await installed.postgres.query<{ auto_entry: boolean; min_probability: number }>(
    "app",
    "SELECT auto_entry, min_probability FROM users.auto_trade_settings_0001 WHERE id = 1",
  );
  expect(row?.auto_entry).toBe(false);
  expect(row?.min_probability).toBeLessThanOrEqual(100);
});

test("a lock that is not put back, and a release that does nothing, are seen", async () => {
  const stuck = await drillLock(ground({ release: async () => {} }));
  expect(lockDrillFaults(stuck)).toContain("the switch did not work after the release");
  let asked = 0;
  const forgetful = await drillLock(
    ground({
      lock: async () => {
        asked += 1;
        if (asked > 1) await lock(installed.postgres);
      },
    }),
  );
  expect(lockDrillFaults(forgetful)).toContain("the switch worked after the lock was put back");
});
