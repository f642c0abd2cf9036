-- One marked row that no program mistakes for a trade: a ticker that no market has, and test_filter set.
-- $1 status, $2 ticker, $3 ticket id.
INSERT INTO users.trades_0001
  (status, date, time, symbol, market, trade_strategy, contract, strike, side, buy_price, "position", ticker, ticket_id,
   entry_method, test_filter)
VALUES
  ($1, to_char(now() AT TIME ZONE 'America/New_York', 'YYYY-MM-DD'),
   to_char(now() AT TIME ZONE 'America/New_York', 'HH24:MI:SS'),
   'BTC', 'Canary', 'Canary', 'Canary of the health page', '$1', 'Y', 0.01, 1, $2, $3, 'manual', true)
RETURNING id
