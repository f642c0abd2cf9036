import { join } from "node:path";
import { expect, test } from "playwright/test";
import type { Finding } from "../../../engine/probe.ts";
import { localMachine } from "../../../machine/local-machine.ts";
import { type HealthWorld, healthWorld, type Teller, testAnswers } from "../../test-world.ts";
import { neededProofs } from "../proofs.ts";
import { borrowSetting, positionSize } from "./borrowed-setting.ts";
import { inTurn, withCanaries } from "./canary.ts";

let health: HealthWorld;
test.beforeEach(async () => {
  health = await healthWorld();
});
test.afterEach(() => health.end());

const forever = new AbortController().signal;

async function prove(id: string, signal = forever): Promise<Finding> {
  const question = neededProofs(testAnswers()).find((asked) => asked.question.id === id)?.question;
  if (question?.kind !== "proof") throw new Error(`no proof ${id}`);
  return question.prove(health.world, signal);
}

const one = async (text: string) => (await health.sql<{ n: unknown }>(text))[0]?.n;
const leftovers = async () =>
  Number(
    await one(
      "SELECT (SELECT count(*) FROM users.trades_0001) + (SELECT count(*) FROM users.active_trades_0001) + (SELECT count(*) FROM users.trade_logs_0001) AS n",
    ),
  );

const preferences: Teller = async ({ path, body }) => {
  if (path === "/api/set_position_size") {
    await health.sql(
      "UPDATE users.trade_preferences_0001 SET position_size = $1, updated_at = clock_timestamp() WHERE id = 1",
      [body.position_size],
    );
    return { body: { status: "ok" } };
  }
  if (path === "/api/set_trade_history_preferences") {
    await health.sql(
      "UPDATE users.trade_history_preferences_0001 SET page_size = $1, updated_at = clock_timestamp() WHERE id = 1",
      [body.page_size],
    );
    return { body: { status: "ok", preferences: body } };
  }
  const table = path === "/api/get_trade_preferences" ? "trade_preferences_0001" : "trade_history_preferences_0001";
  return { body: (await health.sql(`SELECT * FROM users.${table} WHERE id = 1`))[0] };
};

test("a setting that a killed attempt left behind is put back by the next one", async () => {
  await health.sql("UPDATE users.trade_preferences_0001 SET position_size = 3");
  const killed = new Error("killed");
  const { postgres, paths } = health.world;
  // An attempt that dies takes no step back: its note stays, and so does our value.
  const machine = localMachine({ stateFolder: paths.state });
  const crashing = { ...machine, files: { ...machine.files, remove: async () => {} } };
  await inTurn({ postgres }, forever, (session) =>
    borrowSetting(
      { machine: crashing, paths },
      { ...session, query: async (text, values) => (text === positionSize.restore ? [] : session.query(text, values)) },
      positionSize,
      async (_was, [ours]) => {
        await session.query(positionSize.write, [ours]);
        throw killed;
      },
    ),
  ).catch((thrown: unknown) => expect(thrown).toBe(killed));
  expect(await one("SELECT position_size AS n FROM users.trade_preferences_0001")).toBe(7);
  await health.program("main_app", preferences);
  expect(await prove("main-app-stores")).toMatchObject({ level: "ok" });
  expect(await one("SELECT position_size AS n FROM users.trade_preferences_0001")).toBe(3);
  expect(await machine.files.facts(join(paths.state, "borrowed-setting.json"))).toBeUndefined();
});

test("what the person chose after a killed attempt stays", async () => {
  const { machine, paths } = health.world;
  await machine.files.write(
    join(paths.state, "borrowed-setting.json"),
    JSON.stringify({ name: "position_size", row: { value: 3, other: 1, at: null } }),
    0o600,
  );
  await health.sql("UPDATE users.trade_preferences_0001 SET position_size = 25");
  await health.program("main_app", preferences);
  expect(await prove("main-app-stores")).toMatchObject({ level: "ok" });
  expect(await one("SELECT position_size AS n FROM users.trade_preferences_0001")).toBe(25);
});

test("canaries of a killed attempt are removed by the next one, and rows of the person's are not", async () => {
  await health.sql(
    "INSERT INTO users.trades_0001 (status, date, time, strike, side, buy_price, position, ticker, ticket_id) VALUES ('open', '2026-11-20', '10:00:00', '$118,000', 'Y', 0.5, 2, 'KXBTCD-26NOV2011-T118000', 'TICKET-1'), ('pending', '2026-11-20', '10:00:00', '$1', 'Y', 0.01, 1, 'PROBE', 'PROBE-left')",
  );
  await health.sql(
    "INSERT INTO users.active_trades_0001 (trade_id, ticket_id, ticker) VALUES (1, 'TICKET-1', 'KXBTCD-26NOV2011-T118000'), (2, 'PROBE-left', 'PROBE')",
  );
  await health.sql(
    "INSERT INTO users.trade_logs_0001 (ticket_id, message) VALUES ('TICKET-1', 'bought'), ('PROBE-left', 'x')",
  );
  await withCanaries(health.world, forever, async () => {
    expect(await leftovers()).toBe(3);
  });
  expect(await leftovers()).toBe(3);
  expect(
    await one("SELECT count(*)::int AS n FROM users.trades_0001 WHERE ticket_id = 'TICKET-1' AND status = 'open'"),
  ).toBe(1);
});

test("a canary is removed also when the work throws or is aborted in the middle", async () => {
  const abort = new AbortController();
  const killed = withCanaries(health.world, abort.signal, async (canaries) => {
    await canaries.add("pending");
    abort.abort(new Error("out of time"));
    abort.signal.throwIfAborted();
  });
  await expect(killed).rejects.toThrow("out of time");
  expect(await leftovers()).toBe(0);
});

test("two proofs with canaries do not sweep each other's: the second waits its turn", async () => {
  const order: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = withCanaries(health.world, forever, async (canaries) => {
    const canary = await canaries.add("canary");
    order.push("first in");
    await held;
    order.push((await canaries.traces(canary)).status ?? "gone");
  });
  await expect.poll(() => order.length).toBe(1);
  const second = withCanaries(health.world, forever, async () => void order.push("second in"));
  // Long enough for the second to have tried its turn more than once.
  await expect
    .poll(async () =>
      Number(await one("SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory_lock%'")),
    )
    .toBeGreaterThan(0);
  release();
  await Promise.all([first, second]);
  expect(order).toEqual(["first in", "canary", "second in"]);
});
