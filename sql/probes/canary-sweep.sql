-- Removes every canary and what the programs wrote about it. $1 ticker. A ticket of a person's never begins like this.
WITH trade AS (
  DELETE FROM users.trades_0001 WHERE ticker = $1 AND ticket_id LIKE 'PROBE-%' RETURNING id
), active AS (
  DELETE FROM users.active_trades_0001 WHERE ticker = $1 AND ticket_id LIKE 'PROBE-%' RETURNING id
), log AS (
  DELETE FROM users.trade_logs_0001 WHERE ticket_id LIKE 'PROBE-%' RETURNING id
)
SELECT (SELECT count(*)::int FROM trade) AS trades,
       (SELECT count(*)::int FROM active) AS active,
       (SELECT count(*)::int FROM log) AS logs
