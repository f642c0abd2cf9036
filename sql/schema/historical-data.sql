-- Price history, which no supervised program reads. Run as REC.IO's role.

CREATE TABLE IF NOT EXISTS historical_data.btc_price_history (
  timestamp timestamp without time zone NOT NULL,
  open numeric(20,8),
  high numeric(20,8),
  low numeric(20,8),
  close numeric(20,8),
  volume numeric(20,8),
  momentum numeric(10,2),
  PRIMARY KEY (timestamp)
);

CREATE TABLE IF NOT EXISTS historical_data.eth_price_history (
  timestamp timestamp without time zone NOT NULL,
  open numeric(20,8),
  high numeric(20,8),
  low numeric(20,8),
  close numeric(20,8),
  volume numeric(20,8),
  momentum numeric(10,2),
  PRIMARY KEY (timestamp)
);
