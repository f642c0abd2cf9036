-- Removes the prices of the last half minute. Timestamps are texts in New York's clock; their order is that of time.
DELETE FROM live_data.live_price_log_1s_btc
WHERE timestamp >= (
  SELECT min(timestamp)
  FROM (SELECT timestamp FROM live_data.live_price_log_1s_btc ORDER BY timestamp DESC LIMIT 30) AS last_half_minute
)
