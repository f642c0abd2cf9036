-- The markets of the event that kalshi_market_watchdog polls: KXBTCD of New York's wall clock one hour from now, and of
-- the hour before, which is still the one in hand in the first seconds of an hour.
SELECT json_build_object(
         'event', hour.event,
         'secondsIntoHour', extract(epoch FROM clock.new_york - date_trunc('hour', clock.new_york)),
         'rows', market.rows,
         'ageSeconds', market.age,
         'withStrike', market.with_strike,
         'priced', market.priced,
         'zeros', market.zeros,
         'previousAgeSeconds', previous.age,
         'newestEvent', (SELECT event_ticker FROM live_data.market_kalshi_btc ORDER BY id DESC LIMIT 1)
       )
FROM (SELECT now() AT TIME ZONE 'America/New_York' AS new_york) AS clock
CROSS JOIN LATERAL (
  SELECT 'KXBTCD-' || upper(to_char(clock.new_york + interval '1 hour', 'YYMONDDHH24')) AS event,
         'KXBTCD-' || upper(to_char(clock.new_york, 'YYMONDDHH24')) AS previous
) AS hour
CROSS JOIN LATERAL (
  SELECT count(*)::int AS rows,
         extract(epoch FROM now() - max(updated_at)) AS age,
         (count(*) FILTER (WHERE strike ~ '^\$[0-9]'))::int AS with_strike,
         (count(*) FILTER (WHERE yes_ask BETWEEN 1 AND 99 AND volume > 0))::int AS priced,
         (count(*) FILTER (WHERE coalesce(yes_ask, 0) = 0 AND coalesce(no_ask, 0) = 0 AND coalesce(volume, 0) = 0))::int
           AS zeros
  FROM live_data.market_kalshi_btc
  WHERE event_ticker = hour.event
) AS market
CROSS JOIN LATERAL (
  SELECT extract(epoch FROM now() - max(updated_at)) AS age
  FROM live_data.market_kalshi_btc
  WHERE event_ticker = hour.previous
) AS previous
