-- A stretch of live prices, a row a second and the newest first, dated by New York's clock as REC.IO dates them.
-- $1 numeric[]: prices in dollars, $2 numeric[]: momentum in per cent.
INSERT INTO live_data.live_price_log_1s_btc (timestamp, price, one_minute_avg, momentum)
SELECT to_char((now() AT TIME ZONE 'America/New_York') - make_interval(secs => seen.n), 'YYYY-MM-DD"T"HH24:MI:SS'),
       seen.price, seen.price, seen.momentum
FROM unnest($1::numeric[], $2::numeric[]) WITH ORDINALITY AS seen (price, momentum, n)
