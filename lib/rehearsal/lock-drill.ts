import type { TradingState } from "../runtime.ts";
import type { World } from "../world.ts";

/** What a drill of the lock may use: the person's own commands, and REC.IO behind them. */
export interface LockDrillGround {
  world: Pick<World, "postgres" | "checkout">;
  /** `npm run trading -- …`, as the person gives it. */
  trading(what: "lock" | "release" | "status"): Promise<TradingState>;
  /** How many orders reached the exchange's stand-in. */
  orders(): Promise<number>;
  /** REC.IO answers before it has written: milliseconds that its write may still take, 10 000 unless told. */
  writtenWithinMs?: number;
}

/** What came of REC.IO's own switch: what it answered, and what then stood in its row. */
export interface Switched {
  answered: unknown;
  stored: boolean | null;
}

export interface LockDrillFacts {
  held: Switched;
  released: Switched;
  heldAgain: Switched;
  modes: TradingState["mode"][];
  /** Attempts since the lock was put back. */
  attempts: number;
  orders: number;
}

async function stored({ postgres }: Pick<World, "postgres">): Promise<boolean | null> {
  const [row] = await postgres.query<{ on: boolean | null }>(
    "app",
    'SELECT auto_entry AS "on" FROM users.auto_trade_settings_0001 WHERE id = 1',
  );
  return row?.on ?? null;
}

const lookEveryMs = 100;

/** Waits until what was pressed has come to the row, or to the list of refused attempts. */
async function written(came: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline && !(await came())) await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
}

/**
 * Presses REC.IO's switch for automated entry, as its page does.
 * @param came tells that its write has been carried out, or refused.
 */
async function press(
  { world, writtenWithinMs = 10_000 }: Pick<LockDrillGround, "world" | "writtenWithinMs">,
  enabled: boolean,
  came: () => Promise<boolean>,
): Promise<Switched> {
  const url = `${await world.checkout.urlOf("main_app")}/api/set_auto_entry`;
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ enabled }),
    signal: AbortSignal.timeout(10_000),
  });
  const body = (await answer.json()) as { enabled?: unknown };
  await written(came, writtenWithinMs);
  return { answered: body.enabled, stored: await stored(world) };
}

/**
 * Held, released, held again: each time REC.IO's own switch is pressed. No probability reaches the threshold that is set
 * for the time of the drill, so that an entry that is permitted finds nothing to enter.
 */
export async function drillLock(ground: LockDrillGround): Promise<LockDrillFacts> {
  const { world, trading, orders } = ground;
  const before = await orders();
  const [settings] = await world.postgres.query<{ least: number }>(
    "app",
    "SELECT min_probability AS least FROM users.auto_trade_settings_0001 WHERE id = 1",
  );
  const threshold = (least: number | null) =>
    world.postgres.query("app", "UPDATE users.auto_trade_settings_0001 SET min_probability = $1 WHERE id = 1", [least]);
  await threshold(1_000);
  try {
    const refusedOnce = async () => {
      const attemptsBefore = (await trading("status")).attempts.count;
      return async () => (await trading("status")).attempts.count > attemptsBefore;
    };
    const held = await press(ground, true, await refusedOnce());
    const whenReleased = await trading("release");
    const released = await press(ground, true, async () => (await stored(world)) === true);
    await press(ground, false, async () => (await stored(world)) === false);
    const whenLocked = await trading("lock");
    const heldAgain = await press(ground, true, await refusedOnce());
    const { mode, attempts } = await trading("status");
    return {
      held,
      released,
      heldAgain,
      modes: [whenReleased.mode, whenLocked.mode, mode],
      attempts: attempts.count,
      orders: (await orders()) - before,
    };
  } finally {
    await trading("lock");
    await threshold(settings?.least ?? null);
  }
}

/** What is not as it must be, one clause each. Pure. */
export function lockDrillFaults(facts: LockDrillFacts): string[] {
  const { held, released, heldAgain, modes, attempts, orders } = facts;
  return [
    ...(held.stored === false ? [] : ["the switch worked while the lock held"]),
    ...(released.stored === true ? [] : ["the switch did not work after the release"]),
    ...(heldAgain.stored === false ? [] : ["the switch worked after the lock was put back"]),
    ...(modes.join() === "all,close-only,close-only" ? [] : [`the lock said ${modes.join(", ")}`]),
    ...(attempts > 0 ? [] : ["the refused attempt was not recorded"]),
    ...(orders === 0 ? [] : [`${orders} orders reached the exchange`]),
  ];
}
