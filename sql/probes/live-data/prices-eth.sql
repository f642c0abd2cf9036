-- The newest second of the eth price log and how full the last minute is. Its timestamps are text in New York's local
-- time, so they are compared with New York's clock. ageSeconds is negative where the newest row lies ahead of it.
SELECT json_build_object(
         'price', newest.price,
         'momentum', newest.momentum,
         'ageSeconds', extract(epoch FROM clock.new_york - newest.at),
         'secondsInLastMinute', minute.seconds,
         'changeAgeSeconds', extract(epoch FROM clock.new_york - change.at)
       )
FROM (SELECT now() AT TIME ZONE 'America/New_York' AS new_york) AS clock
LEFT JOIN LATERAL (
  SELECT price, momentum,
         CASE WHEN timestamp ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$' THEN timestamp::timestamp END AS at
  FROM live_data.live_price_log_1s_eth
  ORDER BY live_price_log_1s_eth.timestamp DESC
  LIMIT 1
) AS newest ON true
CROSS JOIN LATERAL (
  SELECT count(*)::int AS seconds
  FROM live_data.live_price_log_1s_eth
  WHERE timestamp > to_char(clock.new_york - interval '60 seconds', 'YYYY-MM-DD"T"HH24:MI:SS')
    AND timestamp <= to_char(clock.new_york, 'YYYY-MM-DD"T"HH24:MI:SS')
) AS minute
LEFT JOIN LATERAL (
  SELECT timestamp AS at FROM live_data.price_change_eth ORDER BY id DESC LIMIT 1
) AS change ON true
