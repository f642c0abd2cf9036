import { join } from "node:path";
import { z } from "zod";
import type { Session } from "../../../postgres/postgres.ts";
import { Problem, repairedBy } from "../../../problem.ts";
import type { World } from "../../../world.ts";

/** A preference that a proof may change for a moment: one integer column of a one-row table. */
export interface BorrowedSetting {
  name: "position_size" | "page_size";
  table: "users.trade_preferences_0001" | "users.trade_history_preferences_0001";
  /** Values of ours; two that differ from the person's own are used. None is a default of REC.IO's. */
  ours: readonly number[];
  read: string;
  write: string;
  restore: string;
}

/** The size of an order: automated entry reads it, so it is touched only while the order lock holds. */
export const positionSize: BorrowedSetting = {
  name: "position_size",
  table: "users.trade_preferences_0001",
  ours: [7, 9, 11, 13],
  read: "SELECT position_size AS value, multiplier AS other, updated_at::text AS at FROM users.trade_preferences_0001 WHERE id = 1",
  write: "UPDATE users.trade_preferences_0001 SET position_size = $1 WHERE id = 1",
  restore:
    "UPDATE users.trade_preferences_0001 SET position_size = $1, multiplier = $2 WHERE id = 1 AND position_size = ANY($3::int[])",
};

/** How many rows the trade history shows on a page: nothing but a page reads it. */
export const pageSize: BorrowedSetting = {
  name: "page_size",
  table: "users.trade_history_preferences_0001",
  ours: [47, 53, 59, 61],
  read: "SELECT page_size AS value, last_search_timestamp::int8::float8 AS other, updated_at::text AS at FROM users.trade_history_preferences_0001 WHERE id = 1",
  write: "UPDATE users.trade_history_preferences_0001 SET page_size = $1 WHERE id = 1",
  restore:
    "UPDATE users.trade_history_preferences_0001 SET page_size = $1, last_search_timestamp = $2::float8::int8 WHERE id = 1 AND page_size = ANY($3::int[])",
};

/** The row as it is: the setting, the column that REC.IO writes along with it, and when it was written. */
export interface SettingRow {
  value: number | null;
  other: number | null;
  at: string | null;
}

const settingsByName = { position_size: positionSize, page_size: pageSize } as const;

const note = z.object({
  name: z.enum(["position_size", "page_size"]),
  row: z.object({ value: z.number().nullable(), other: z.number().nullable(), at: z.string().nullable() }),
});

const noteFile = (world: Pick<World, "paths">) => join(world.paths.state, "borrowed-setting.json");

async function giveBack(session: Session, setting: BorrowedSetting, row: SettingRow): Promise<void> {
  // Only where a value of ours still stands there: what the person chose in the meantime stays.
  await session.query(setting.restore, [row.value, row.other, setting.ours]);
}

/** Gives back what an attempt that was killed left behind. */
async function giveBackLeftover(world: Pick<World, "machine" | "paths">, session: Session): Promise<void> {
  const text = await world.machine.files.read(noteFile(world));
  if (text === undefined) return;
  let left: z.infer<typeof note> | undefined;
  try {
    left = note.parse(JSON.parse(text));
  } catch {
    // A note that cannot be read was never finished: it is written whole and before anything is changed.
  }
  if (left) await giveBack(session, settingsByName[left.name], left.row);
  await world.machine.files.remove(noteFile(world));
}

/**
 * Lends `work` a setting of the person's and puts its value back afterwards, whatever happens. What it was
 * is written to a file of the state folder first, so that the next attempt can put it back after a crash.
 * @throws Problem `proof.no-settings-row` where there is no row 1.
 */
export async function borrowSetting<T>(
  world: Pick<World, "machine" | "paths">,
  session: Session,
  setting: BorrowedSetting,
  work: (was: SettingRow, ours: readonly [number, number], look: () => Promise<SettingRow | undefined>) => Promise<T>,
): Promise<T> {
  await giveBackLeftover(world, session);
  const look = async () => (await session.query<SettingRow>(setting.read))[0];
  const was = await look();
  if (!was)
    throw new Problem({
      code: "proof.no-settings-row",
      says: `${setting.table} has no row 1.`,
      remedy: repairedBy("seed-rows", "Put the default row in place."),
    });
  const [first, second] = setting.ours.filter((value) => value !== was.value);
  if (first === undefined || second === undefined) throw new Error("too few values of ours");
  await world.machine.files.write(noteFile(world), JSON.stringify({ name: setting.name, row: was }), 0o600);
  try {
    return await work(was, [first, second], look);
  } finally {
    await giveBack(session, setting, was);
    await world.machine.files.remove(noteFile(world));
  }
}
