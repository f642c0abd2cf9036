import type { Postgres } from "./postgres.ts";
import { sqlFile } from "./sql-file.ts";

/** A row with id 1 that REC.IO's programs cannot do without, and the values that it begins with. */
export interface Seed {
  table: string;
  values: Readonly<Record<string, string | number | boolean>>;
}

/**
 * The three rows. Both switches of automated trading begin off. A NULL in any of these columns makes the programs lose
 * all settings (auto_entry_supervisor.py:473) or send nothing (get_position_size), so none of them may be NULL.
 */
export const seeds: readonly Seed[] = [
  {
    table: "users.auto_trade_settings_0001",
    values: {
      auto_entry: false,
      auto_stop: false,
      min_probability: 95,
      min_differential: 0.25,
      min_time: 120,
      max_time: 900,
      allow_re_entry: false,
      spike_alert_enabled: true,
      spike_alert_momentum_threshold: 36,
      spike_alert_cooldown_threshold: 30,
      spike_alert_cooldown_minutes: 15,
      current_probability: 40,
      min_ttc_seconds: 60,
      momentum_spike_enabled: true,
      momentum_spike_threshold: 36,
      auto_entry_status: "disabled",
      user_id: "0001",
      cooldown_timer: 0,
      verification_period_enabled: false,
      verification_period_seconds: 15,
    },
  },
  { table: "users.trade_preferences_0001", values: { trade_strategy: "Hourly HTC", position_size: 1, multiplier: 1 } },
  {
    table: "users.trade_history_preferences_0001",
    values: {
      date_filter: "TODAY",
      win_filter: true,
      loss_filter: true,
      sort_asc: true,
      page_size: 50,
      last_search_timestamp: 0,
    },
  },
];

/** Table → its row with id 1, or null. */
export type SeedRows = Record<string, Record<string, unknown> | null>;

export async function seedRowsNow(postgres: Pick<Postgres, "query">, signal?: AbortSignal): Promise<SeedRows> {
  const [rows] = await postgres.query<SeedRows>(
    "installer",
    sqlFile("probes/seed-rows.sql"),
    [],
    signal ? { signal } : {},
  );
  return rows ?? {};
}

export interface SeedFault {
  object: string;
  says: string;
  seed: Seed;
  /** Absent where the whole row is missing. */
  column?: string;
}

/** Rows that are missing, and columns of theirs that are empty. Pure. */
export function seedFaults(rows: SeedRows): SeedFault[] {
  return seeds.flatMap((seed): SeedFault[] => {
    const row = rows[seed.table];
    if (!row) return [{ object: seed.table, says: `${seed.table} has no row with id 1`, seed }];
    return Object.keys(seed.values)
      .filter((column) => row[column] === null || row[column] === undefined)
      .map((column) => ({ object: `${seed.table}.${column}`, says: `${seed.table}.${column} is empty`, seed, column }));
  });
}
