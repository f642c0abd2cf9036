-- Prices, markets and strikes. Run as REC.IO's role.

CREATE TABLE IF NOT EXISTS live_data.live_price_log_1s_btc (
  timestamp text NOT NULL,
  price numeric(10,2),
  one_minute_avg numeric(10,2),
  momentum numeric(10,4),
  delta_1m numeric(10,4),
  delta_2m numeric(10,4),
  delta_3m numeric(10,4),
  delta_4m numeric(10,4),
  delta_15m numeric(10,4),
  delta_30m numeric(10,4),
  PRIMARY KEY (timestamp)
);

CREATE TABLE IF NOT EXISTS live_data.price_change_btc (
  id serial NOT NULL,
  change1h numeric(10,6),
  change3h numeric(10,6),
  change1d numeric(10,6),
  timestamp timestamp without time zone DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS live_data.live_price_log_1s_eth (
  timestamp text NOT NULL,
  price numeric(10,2),
  one_minute_avg numeric(10,2),
  momentum numeric(10,4),
  delta_1m numeric(10,4),
  delta_2m numeric(10,4),
  delta_3m numeric(10,4),
  delta_4m numeric(10,4),
  delta_15m numeric(10,4),
  delta_30m numeric(10,4),
  PRIMARY KEY (timestamp)
);

CREATE TABLE IF NOT EXISTS live_data.price_change_eth (
  id serial NOT NULL,
  change1h numeric(10,6),
  change3h numeric(10,6),
  change1d numeric(10,6),
  timestamp timestamp without time zone DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS live_data.market_kalshi_btc (
  id serial NOT NULL,
  event_ticker character varying(50) NOT NULL,
  market_ticker character varying(100) NOT NULL,
  strike character varying(20),
  yes_bid integer,
  yes_ask integer,
  no_bid integer,
  no_ask integer,
  last_price integer,
  volume integer,
  volume_24h integer,
  open_interest integer,
  liquidity integer,
  created_at timestamp with time zone DEFAULT now(),
  updated_at timestamp with time zone DEFAULT now(),
  PRIMARY KEY (id),
  UNIQUE (event_ticker, market_ticker)
);

CREATE TABLE IF NOT EXISTS live_data.strike_table_btc (
  id serial NOT NULL,
  timestamp timestamp with time zone DEFAULT now(),
  symbol character varying(10),
  current_price numeric(10,2),
  ttc_seconds integer,
  broker character varying(20),
  event_ticker character varying(50),
  market_title text,
  strike_tier integer,
  market_status character varying(20),
  strike integer,
  buffer numeric(10,2),
  buffer_pct numeric(5,2),
  probability numeric(5,2),
  yes_ask numeric(5,2),
  no_ask numeric(5,2),
  yes_diff numeric(5,2),
  no_diff numeric(5,2),
  volume integer,
  ticker character varying(50),
  active_side character varying(10),
  momentum_weighted_score numeric(5,3),
  created_at timestamp with time zone DEFAULT now(),
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS live_data.watchlist_btc (
  id serial NOT NULL,
  symbol character varying(10),
  current_price numeric(10,2),
  ttc_seconds integer,
  broker character varying(20),
  event_ticker character varying(50),
  market_title text,
  strike_tier integer,
  market_status character varying(20),
  strike integer,
  buffer numeric(10,2),
  buffer_pct numeric(5,2),
  probability numeric(5,2),
  yes_ask numeric(5,2),
  no_ask numeric(5,2),
  yes_diff numeric(5,2),
  no_diff numeric(5,2),
  volume integer,
  ticker character varying(50),
  active_side character varying(10),
  created_at timestamp with time zone DEFAULT now(),
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS live_data.historical_price_data (
  symbol text,
  timestamp timestamp without time zone,
  open_price numeric(15,2),
  high_price numeric(15,2),
  low_price numeric(15,2),
  close_price numeric(15,2),
  volume numeric(20,8),
  momentum numeric(10,4)
);
