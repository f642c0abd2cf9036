-- What became of one canary. $1 id in trades_0001, $2 ticket id.
SELECT (SELECT status FROM users.trades_0001 WHERE id = $1 AND ticket_id = $2) AS status,
       (SELECT status FROM users.active_trades_0001 WHERE trade_id = $1 AND ticket_id = $2 LIMIT 1) AS active,
       ARRAY(SELECT DISTINCT service FROM users.trade_logs_0001 WHERE ticket_id = $2 ORDER BY service) AS "loggedBy"
