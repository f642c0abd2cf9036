import type { TableSource } from "./contract.ts";

/** Prices of the two symbols, written every second. Types are behaviour: each has its evidence in the code of REC.IO. */
export const livePrices: Record<string, TableSource> = {
  "live_data.live_price_log_1s_btc": {
    writers: ["symbol_price_watchdog_btc"],
    readers: [
      "active_trade_supervisor",
      "auto_entry_supervisor",
      "cascading_failure_detector",
      "kalshi_market_watchdog",
      "main_app",
      "strike_table_generator",
      "symbol_price_watchdog_btc",
      "system_monitor",
      "trade_manager",
    ],
    primaryKey: ["timestamp"],
    unique: [],
    columns: {
      timestamp: "text NOT NULL",
      price: "numeric(10,2)",
      one_minute_avg: "numeric(10,2)",
      momentum: "numeric(10,4)",
      delta_1m: "numeric(10,4)",
      delta_2m: "numeric(10,4)",
      delta_3m: "numeric(10,4)",
      delta_4m: "numeric(10,4)",
      delta_15m: "numeric(10,4)",
      delta_30m: "numeric(10,4)",
    },
    evidence: {
      timestamp:
        "active_trade_supervisor.py:843 auto_entry_supervisor.py:105 kalshi_market_watchdog.py:105 main.py:1447 main.py:1484 main.py:2152 and 11 more",
      price:
        "active_trade_supervisor.py:843 kalshi_market_watchdog.py:105 main.py:1447 main.py:2189 strike_table_generator.py:360 symbol_price_watchdog.py:79 and 5 more",
      one_minute_avg: "symbol_price_watchdog.py:300",
      momentum:
        "auto_entry_supervisor.py:105 main.py:1484 main.py:2152 main.py:2215 strike_table_generator.py:360 symbol_price_watchdog.py:300 and 1 more",
      delta_1m: "main.py:1484 symbol_price_watchdog.py:300",
      delta_2m: "main.py:1484 symbol_price_watchdog.py:300",
      delta_3m: "main.py:1484 symbol_price_watchdog.py:300",
      delta_4m: "main.py:1484 symbol_price_watchdog.py:300",
      delta_15m: "main.py:1484 symbol_price_watchdog.py:300",
      delta_30m: "main.py:1484 symbol_price_watchdog.py:300",
    },
    notes: {
      timestamp: "'YYYY-MM-DDTHH:MM:SS' America/New_York; string comparison",
    },
  },
  "live_data.price_change_btc": {
    writers: ["symbol_price_watchdog_btc"],
    readers: ["main_app"],
    primaryKey: ["id"],
    unique: [],
    columns: {
      id: "integer NOT NULL DEFAULT serial",
      change1h: "numeric(10,6)",
      change3h: "numeric(10,6)",
      change1d: "numeric(10,6)",
      timestamp: "timestamp without time zone DEFAULT CURRENT_TIMESTAMP",
    },
    evidence: {
      id: "core/config/database.py:165",
      change1h: "main.py:1771 symbol_price_watchdog.py:439",
      change3h: "main.py:1771 symbol_price_watchdog.py:439",
      change1d: "main.py:1771 symbol_price_watchdog.py:439",
      timestamp: "main.py:1771 symbol_price_watchdog.py:439",
    },
    notes: {
      timestamp: ".isoformat() is called",
    },
  },
  "live_data.live_price_log_1s_eth": {
    writers: ["symbol_price_watchdog_eth"],
    readers: ["active_trade_supervisor", "symbol_price_watchdog_eth"],
    primaryKey: ["timestamp"],
    unique: [],
    columns: {
      timestamp: "text NOT NULL",
      price: "numeric(10,2)",
      one_minute_avg: "numeric(10,2)",
      momentum: "numeric(10,4)",
      delta_1m: "numeric(10,4)",
      delta_2m: "numeric(10,4)",
      delta_3m: "numeric(10,4)",
      delta_4m: "numeric(10,4)",
      delta_15m: "numeric(10,4)",
      delta_30m: "numeric(10,4)",
    },
    evidence: {
      timestamp:
        "active_trade_supervisor.py:843 symbol_price_watchdog.py:79 symbol_price_watchdog.py:106 symbol_price_watchdog.py:146 symbol_price_watchdog.py:171 symbol_price_watchdog.py:300 and 1 more",
      price:
        "active_trade_supervisor.py:843 symbol_price_watchdog.py:79 symbol_price_watchdog.py:106 symbol_price_watchdog.py:146 symbol_price_watchdog.py:171 symbol_price_watchdog.py:300",
      one_minute_avg: "symbol_price_watchdog.py:300",
      momentum: "symbol_price_watchdog.py:300",
      delta_1m: "symbol_price_watchdog.py:300",
      delta_2m: "symbol_price_watchdog.py:300",
      delta_3m: "symbol_price_watchdog.py:300",
      delta_4m: "symbol_price_watchdog.py:300",
      delta_15m: "symbol_price_watchdog.py:300",
      delta_30m: "symbol_price_watchdog.py:300",
    },
    notes: {
      timestamp: "'YYYY-MM-DDTHH:MM:SS' America/New_York; string comparison",
    },
  },
  "live_data.price_change_eth": {
    writers: ["symbol_price_watchdog_eth"],
    readers: [],
    primaryKey: ["id"],
    unique: [],
    columns: {
      id: "integer NOT NULL DEFAULT serial",
      change1h: "numeric(10,6)",
      change3h: "numeric(10,6)",
      change1d: "numeric(10,6)",
      timestamp: "timestamp without time zone DEFAULT CURRENT_TIMESTAMP",
    },
    evidence: {
      id: "core/config/database.py:175",
      change1h: "symbol_price_watchdog.py:439",
      change3h: "symbol_price_watchdog.py:439",
      change1d: "symbol_price_watchdog.py:439",
      timestamp: "symbol_price_watchdog.py:439",
    },
    notes: {
      timestamp: ".isoformat() is called",
    },
  },
};
