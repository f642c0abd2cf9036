-- Tables of one person that REC.IO's role owns. Run as that role.

CREATE TABLE IF NOT EXISTS users.trades_0001 (
  id serial NOT NULL,
  status text NOT NULL DEFAULT 'pending',
  date text NOT NULL,
  time text NOT NULL,
  symbol text DEFAULT 'BTC',
  market text DEFAULT 'Kalshi',
  trade_strategy text DEFAULT 'Hourly HTC',
  contract text,
  strike text NOT NULL,
  side text NOT NULL,
  prob real,
  diff text,
  buy_price real NOT NULL,
  position integer NOT NULL,
  sell_price real,
  closed_at text,
  fees real,
  pnl real,
  symbol_open real,
  symbol_close real,
  momentum real,
  volatility real,
  win_loss text,
  ticker text,
  ticket_id text,
  market_id text DEFAULT 'BTC-USD',
  momentum_delta real,
  entry_method text DEFAULT 'manual',
  close_method text,
  test_filter boolean DEFAULT false,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS users.active_trades_0001 (
  id serial NOT NULL,
  trade_id integer,
  ticket_id text,
  date text,
  time text,
  strike text,
  side text,
  buy_price real,
  position integer,
  contract text,
  ticker text,
  symbol text,
  market text,
  trade_strategy text,
  symbol_open real,
  momentum real,
  prob real,
  fees real,
  diff text,
  status text DEFAULT 'active',
  current_symbol_price real,
  current_probability real,
  buffer_from_entry real,
  time_since_entry integer,
  current_close_price real,
  current_pnl text,
  last_updated timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS users.trade_preferences_0001 (
  id integer NOT NULL,
  trade_strategy text DEFAULT 'Hourly HTC',
  position_size integer DEFAULT 1,
  multiplier integer DEFAULT 1,
  updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS users.trade_history_preferences_0001 (
  id integer NOT NULL,
  date_filter text DEFAULT 'TODAY',
  custom_date_start date,
  custom_date_end date,
  win_filter boolean DEFAULT true,
  loss_filter boolean DEFAULT true,
  sort_key text,
  sort_asc boolean DEFAULT true,
  page_size integer DEFAULT 50,
  last_search_timestamp bigint DEFAULT 0,
  updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS users.user_info_0001 (
  user_no character varying(10) NOT NULL,
  user_id character varying(50) NOT NULL,
  first_name character varying(50),
  last_name character varying(50),
  email character varying(255),
  phone character varying(20),
  account_type character varying(20),
  password_hash text,
  created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  last_login timestamp with time zone,
  is_active boolean DEFAULT true,
  updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (user_no)
);

CREATE TABLE IF NOT EXISTS users.trade_logs_0001 (
  id serial NOT NULL,
  ticket_id text,
  message text,
  timestamp timestamp with time zone,
  service text,
  user_id text DEFAULT 'user_0001',
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS users.account_balance_0001 (
  id serial NOT NULL,
  balance real,
  timestamp text,
  PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS users.fills_0001 (
  id serial NOT NULL,
  trade_id text,
  ticker text,
  order_id text,
  side text,
  action text,
  count integer,
  yes_price real,
  no_price real,
  is_taker boolean,
  created_time text,
  raw_json text,
  PRIMARY KEY (id),
  UNIQUE (trade_id)
);

CREATE TABLE IF NOT EXISTS users.orders_0001 (
  id serial NOT NULL,
  order_id text,
  user_id text,
  ticker text,
  status text,
  action text,
  side text,
  type text,
  yes_price integer,
  no_price integer,
  initial_count integer,
  remaining_count integer,
  fill_count integer,
  created_time text,
  expiration_time text,
  last_update_time text,
  client_order_id text,
  order_group_id text,
  queue_position integer,
  self_trade_prevention_type text,
  maker_fees integer,
  taker_fees integer,
  maker_fill_cost integer,
  taker_fill_cost integer,
  raw_json text,
  PRIMARY KEY (id),
  UNIQUE (order_id)
);

CREATE TABLE IF NOT EXISTS users.positions_0001 (
  id serial NOT NULL,
  ticker text,
  total_traded integer,
  position integer,
  market_exposure integer,
  realized_pnl real,
  fees_paid real,
  last_updated_ts text,
  raw_json text,
  PRIMARY KEY (id),
  UNIQUE (ticker)
);

CREATE TABLE IF NOT EXISTS users.settlements_0001 (
  id serial NOT NULL,
  ticker text,
  market_result text,
  yes_count integer,
  yes_total_cost numeric(10,2),
  no_count integer,
  no_total_cost numeric(10,2),
  revenue numeric(10,2),
  settled_time text,
  raw_json text,
  PRIMARY KEY (id),
  UNIQUE (ticker, settled_time)
);
