import type { TableSource } from "./contract.ts";

/** The exchange's markets and the strikes that are computed from them. Types are behaviour: each has its evidence in the code of REC.IO. */
export const liveMarkets: Record<string, TableSource> = {
  "live_data.market_kalshi_btc": {
    writers: ["kalshi_market_watchdog"],
    readers: ["active_trade_supervisor", "main_app", "strike_table_generator"],
    primaryKey: ["id"],
    unique: [["event_ticker", "market_ticker"]],
    columns: {
      id: "integer NOT NULL DEFAULT serial",
      event_ticker: "character varying(50) NOT NULL",
      market_ticker: "character varying(100) NOT NULL",
      strike: "character varying(20)",
      yes_bid: "integer",
      yes_ask: "integer",
      no_bid: "integer",
      no_ask: "integer",
      last_price: "integer",
      volume: "integer",
      volume_24h: "integer",
      open_interest: "integer",
      liquidity: "integer",
      created_at: "timestamp with time zone DEFAULT now()",
      updated_at: "timestamp with time zone DEFAULT now()",
    },
    evidence: {
      id: "kalshi_market_watchdog.py:58",
      event_ticker:
        "active_trade_supervisor.py:874 kalshi_market_watchdog.py:198 main.py:1813 strike_table_generator.py:395 strike_table_generator.py:409",
      market_ticker:
        "active_trade_supervisor.py:874 kalshi_market_watchdog.py:198 main.py:1813 strike_table_generator.py:409",
      strike: "active_trade_supervisor.py:874 kalshi_market_watchdog.py:198 main.py:1813 strike_table_generator.py:409",
      yes_bid: "kalshi_market_watchdog.py:198 strike_table_generator.py:409",
      yes_ask:
        "active_trade_supervisor.py:874 kalshi_market_watchdog.py:198 main.py:1813 strike_table_generator.py:409",
      no_bid: "kalshi_market_watchdog.py:198 strike_table_generator.py:409",
      no_ask: "active_trade_supervisor.py:874 kalshi_market_watchdog.py:198 main.py:1813 strike_table_generator.py:409",
      last_price: "kalshi_market_watchdog.py:198 strike_table_generator.py:409",
      volume: "active_trade_supervisor.py:874 kalshi_market_watchdog.py:198 main.py:1813 strike_table_generator.py:409",
      volume_24h: "kalshi_market_watchdog.py:198 strike_table_generator.py:409",
      open_interest: "kalshi_market_watchdog.py:198 strike_table_generator.py:409",
      liquidity: "kalshi_market_watchdog.py:198 strike_table_generator.py:409",
      created_at: "kalshi_market_watchdog.py:58",
      updated_at:
        "active_trade_supervisor.py:874 kalshi_market_watchdog.py:198 main.py:1813 strike_table_generator.py:395 strike_table_generator.py:409",
    },
    notes: {
      strike: "text '$118,500': .startswith('$')",
      yes_ask: "cents; float arithmetic, NUMERIC breaks generator and ATS",
      liquidity: "bigint safer",
    },
  },
  "live_data.strike_table_btc": {
    writers: ["strike_table_generator"],
    readers: ["active_trade_supervisor", "auto_entry_supervisor", "main_app", "strike_table_generator"],
    primaryKey: ["id"],
    unique: [],
    columns: {
      id: "integer NOT NULL DEFAULT serial",
      timestamp: "timestamp with time zone DEFAULT now()",
      symbol: "character varying(10)",
      current_price: "numeric(10,2)",
      ttc_seconds: "integer",
      broker: "character varying(20)",
      event_ticker: "character varying(50)",
      market_title: "text",
      strike_tier: "integer",
      market_status: "character varying(20)",
      strike: "integer",
      buffer: "numeric(10,2)",
      buffer_pct: "numeric(5,2)",
      probability: "numeric(5,2)",
      yes_ask: "numeric(5,2)",
      no_ask: "numeric(5,2)",
      yes_diff: "numeric(5,2)",
      no_diff: "numeric(5,2)",
      volume: "integer",
      ticker: "character varying(50)",
      active_side: "character varying(10)",
      momentum_weighted_score: "numeric(5,3)",
      created_at: "timestamp with time zone DEFAULT now()",
    },
    evidence: {
      id: "strike_table_generator.py:308",
      timestamp:
        "active_trade_supervisor.py:977 main.py:3009 strike_table_generator.py:711 strike_table_generator.py:720 strike_table_generator.py:873",
      symbol:
        "auto_entry_supervisor.py:528 main.py:2917 main.py:3009 main.py:3027 strike_table_generator.py:665 strike_table_generator.py:720",
      current_price:
        "auto_entry_supervisor.py:528 main.py:2917 main.py:3009 strike_table_generator.py:665 strike_table_generator.py:720",
      ttc_seconds:
        "auto_entry_supervisor.py:528 main.py:2917 main.py:3009 main.py:3192 strike_table_generator.py:665 strike_table_generator.py:720",
      broker: "strike_table_generator.py:665 strike_table_generator.py:720",
      event_ticker:
        "auto_entry_supervisor.py:528 main.py:2917 main.py:3192 strike_table_generator.py:665 strike_table_generator.py:720",
      market_title:
        "auto_entry_supervisor.py:528 main.py:2917 main.py:3009 main.py:3192 strike_table_generator.py:665 strike_table_generator.py:720",
      strike_tier:
        "auto_entry_supervisor.py:528 main.py:2917 strike_table_generator.py:665 strike_table_generator.py:720",
      market_status:
        "auto_entry_supervisor.py:528 main.py:2917 main.py:3192 strike_table_generator.py:665 strike_table_generator.py:720",
      strike:
        "active_trade_supervisor.py:977 auto_entry_supervisor.py:544 main.py:2244 main.py:2847 main.py:2937 main.py:3027 and 3 more",
      buffer:
        "auto_entry_supervisor.py:544 main.py:2244 main.py:2937 main.py:3027 strike_table_generator.py:665 strike_table_generator.py:720 and 1 more",
      buffer_pct:
        "auto_entry_supervisor.py:544 main.py:2244 main.py:2937 main.py:3027 strike_table_generator.py:665 strike_table_generator.py:720",
      probability:
        "active_trade_supervisor.py:977 auto_entry_supervisor.py:544 main.py:2244 main.py:2847 main.py:2937 main.py:3027 and 4 more",
      yes_ask:
        "auto_entry_supervisor.py:544 main.py:2244 main.py:2937 main.py:3027 strike_table_generator.py:665 strike_table_generator.py:720 and 1 more",
      no_ask:
        "auto_entry_supervisor.py:544 main.py:2244 main.py:2937 main.py:3027 strike_table_generator.py:665 strike_table_generator.py:720 and 1 more",
      yes_diff:
        "auto_entry_supervisor.py:544 main.py:2244 main.py:2937 main.py:3027 strike_table_generator.py:665 strike_table_generator.py:720",
      no_diff:
        "auto_entry_supervisor.py:544 main.py:2244 main.py:2937 main.py:3027 strike_table_generator.py:665 strike_table_generator.py:720",
      volume:
        "auto_entry_supervisor.py:544 main.py:2244 main.py:2937 main.py:3027 strike_table_generator.py:665 strike_table_generator.py:720",
      ticker:
        "auto_entry_supervisor.py:544 main.py:2244 main.py:2937 main.py:3027 strike_table_generator.py:665 strike_table_generator.py:720",
      active_side:
        "auto_entry_supervisor.py:544 main.py:2244 main.py:2937 main.py:3027 strike_table_generator.py:665 strike_table_generator.py:720 and 1 more",
      momentum_weighted_score: "main.py:2917 main.py:3009 strike_table_generator.py:665 strike_table_generator.py:720",
      created_at: "strike_table_generator.py:308",
    },
    notes: {
      timestamp: "the freshness oracle: never set by the INSERT",
    },
  },
  "live_data.watchlist_btc": {
    writers: ["auto_entry_supervisor"],
    readers: ["auto_entry_supervisor", "main_app"],
    primaryKey: ["id"],
    unique: [],
    columns: {
      id: "integer NOT NULL DEFAULT serial",
      symbol: "character varying(10)",
      current_price: "numeric(10,2)",
      ttc_seconds: "integer",
      broker: "character varying(20)",
      event_ticker: "character varying(50)",
      market_title: "text",
      strike_tier: "integer",
      market_status: "character varying(20)",
      strike: "integer",
      buffer: "numeric(10,2)",
      buffer_pct: "numeric(5,2)",
      probability: "numeric(5,2)",
      yes_ask: "numeric(5,2)",
      no_ask: "numeric(5,2)",
      yes_diff: "numeric(5,2)",
      no_diff: "numeric(5,2)",
      volume: "integer",
      ticker: "character varying(50)",
      active_side: "character varying(10)",
      created_at: "timestamp with time zone DEFAULT now()",
    },
    evidence: {
      id: "not referenced by SQL (recommended surrogate key / freshness column)",
      symbol: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:735 main.py:3106",
      current_price: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:735 main.py:3106",
      ttc_seconds: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:735 main.py:3106",
      broker: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:735 main.py:3106",
      event_ticker: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:735 main.py:3106",
      market_title: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:735 main.py:3106",
      strike_tier: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:735 main.py:3106",
      market_status: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:735 main.py:3106",
      strike: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      buffer: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      buffer_pct: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      probability: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      yes_ask: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      no_ask: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      yes_diff: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      no_diff: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      volume: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      ticker: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      active_side: "auto_entry_supervisor.py:697 auto_entry_supervisor.py:752 main.py:3126",
      created_at: "not referenced by SQL (recommended surrogate key / freshness column)",
    },
    notes: {
      created_at: "not referenced by SQL; recommended as freshness oracle",
    },
  },
  "live_data.historical_price_data": {
    writers: [],
    readers: ["main_app"],
    primaryKey: [],
    unique: [],
    columns: {
      symbol: "text",
      timestamp: "timestamp without time zone",
      open_price: "numeric(15,2)",
      high_price: "numeric(15,2)",
      low_price: "numeric(15,2)",
      close_price: "numeric(15,2)",
      volume: "numeric(20,8)",
      momentum: "numeric(10,4)",
    },
    evidence: {
      symbol: "main.py:3276",
      timestamp: "main.py:3276",
      open_price: "main.py:3276",
      high_price: "main.py:3276",
      low_price: "main.py:3276",
      close_price: "main.py:3276",
      volume: "main.py:3276",
      momentum: "main.py:3276",
    },
  },
};
