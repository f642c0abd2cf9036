import { sqlFile } from "../../../postgres/sql-file.ts";
import type { World } from "../../../world.ts";

/** What the order lock and the settings say, each null where there is no such row. */
export interface LockFacts {
  orders: string | null;
  autoEntry: boolean | null;
}

declare const held: unique symbol;

/** Evidence that the order lock held a moment ago. Made by {@link heldLock} alone. */
export interface HeldLock {
  readonly [held]: true;
  readonly orders: "none" | "close-only";
}

/** The lock, where no new order can come about: orders are stopped at the gate and automated entry is off. Pure. */
export function heldLock(facts: LockFacts): HeldLock | undefined {
  if (facts.autoEntry !== false) return undefined;
  if (facts.orders !== "none" && facts.orders !== "close-only") return undefined;
  return { orders: facts.orders } as HeldLock;
}

/**
 * Reads the permit and the switch of automated entry in one statement, as the installer.
 * @throws Problem `database.…` where the lock cannot be read; it is then not known to hold.
 */
export async function readLock(world: Pick<World, "postgres">, signal: AbortSignal): Promise<LockFacts> {
  const [row] = await world.postgres.query<LockFacts>("installer", sqlFile("probes/order-lock-holds.sql"), [], {
    signal,
  });
  return row ?? { orders: null, autoEntry: null };
}
