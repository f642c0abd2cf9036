-- A stretch of live prices, a row a second, dated by New York's clock as REC.IO dates them. $1 int: rows.
INSERT INTO live_data.live_price_log_1s_btc (timestamp, price, one_minute_avg, momentum)
SELECT to_char((now() AT TIME ZONE 'America/New_York') - make_interval(secs => n), 'YYYY-MM-DD"T"HH24:MI:SS'),
       round((118000 * (1 + 0.004 * sin(n / 900.0)))::numeric, 2), round((118000 * (1 + 0.004 * sin(n / 900.0)))::numeric, 2),
       round((0.1 * sin(n / 60.0))::numeric, 4)
FROM generate_series(1, $1::int) AS n
