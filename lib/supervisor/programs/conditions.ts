/**
 * What must be seen of a program before the next one may rely on it. A process that exists is not yet a service that
 * answers. Facts: facts/recio-contract.md sections 1.2 and 6.
 */
export type Condition =
  /** It listens on its port, by the pid that supervisord knows. */
  | { kind: "listens" }
  /** A value in the database becomes another one: the program has written since it was started. */
  | { kind: "writes"; what: string; sql: string; dependsOn: "itself" | "the exchange" }
  /** It shows nothing but its own life: it stays up. */
  | { kind: "stays" };

/** Each statement reads one value, `newest`. That it changes is enough, so neither clocks nor time zones matter. */
const conditions: Readonly<Record<string, Condition>> = {
  symbol_price_watchdog_btc: {
    kind: "writes",
    what: "a BTC price",
    sql: 'SELECT max("timestamp") AS newest FROM live_data.live_price_log_1s_btc',
    dependsOn: "the exchange",
  },
  symbol_price_watchdog_eth: {
    kind: "writes",
    what: "an ETH price",
    sql: 'SELECT max("timestamp") AS newest FROM live_data.live_price_log_1s_eth',
    dependsOn: "the exchange",
  },
  kalshi_market_watchdog: {
    kind: "writes",
    what: "a market",
    sql: "SELECT max(updated_at)::text AS newest FROM live_data.market_kalshi_btc",
    dependsOn: "the exchange",
  },
  strike_table_generator: {
    kind: "writes",
    what: "a strike table",
    sql: 'SELECT max("timestamp")::text AS newest FROM live_data.strike_table_btc',
    dependsOn: "the exchange",
  },
  kalshi_account_sync: {
    kind: "writes",
    what: "an account balance",
    sql: 'SELECT max("timestamp") AS newest FROM users.account_balance_0001',
    dependsOn: "the exchange",
  },
  system_monitor: {
    kind: "writes",
    what: "a health record",
    sql: 'SELECT max("timestamp")::text AS newest FROM system.health_status',
    dependsOn: "itself",
  },
};

/** The condition of a program: its own, else its port where it has one, else that it stays up. Pure. */
export function conditionOf(program: { name: string; port?: number }): Condition {
  const own = conditions[program.name];
  if (own) return own;
  return program.port === undefined ? { kind: "stays" } : { kind: "listens" };
}
