-- The newest balance that kalshi_account_sync stored and the rows that it could not read. The balance's timestamp is
-- text in ISO 8601 with an offset. No amount leaves this statement but for the comparison with our own.
SELECT json_build_object(
         'balances', (SELECT count(*)::int FROM users.account_balance_0001),
         'balance', newest.balance,
         'ageSeconds', extract(epoch FROM now() - newest.at),
         'positions', position.rows,
         'positionsWithoutNumbers', position.unread,
         'fills', fill.rows,
         'fillsWithoutNumbers', fill.unread
       )
FROM (SELECT 1) AS one
LEFT JOIN LATERAL (
  SELECT balance,
         CASE WHEN timestamp ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d' THEN timestamp::timestamptz END AS at
  FROM users.account_balance_0001
  ORDER BY id DESC
  LIMIT 1
) AS newest ON true
CROSS JOIN LATERAL (
  SELECT count(*)::int AS rows, (count(*) FILTER (WHERE "position" IS NULL))::int AS unread FROM users.positions_0001
) AS position
CROSS JOIN LATERAL (
  SELECT count(*)::int AS rows, (count(*) FILTER (WHERE count IS NULL OR (yes_price IS NULL AND no_price IS NULL)))::int
           AS unread
  FROM users.fills_0001
) AS fill
