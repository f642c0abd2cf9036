-- Price history, a row a minute into the past. $1 int: rows, $2 numeric: the level that the price swings around.
INSERT INTO historical_data.btc_price_history (timestamp, open, high, low, close, volume, momentum)
SELECT date_trunc('minute', now() AT TIME ZONE 'UTC') - make_interval(mins => n),
       price, price * 1.0004, price * 0.9996, price * (1 + 0.0002 * sin(n)), 12.5 + 5 * abs(sin(n / 7.0)), round((10 * sin(n / 11.0))::numeric, 2)
FROM (SELECT n, ($2::numeric * (1 + 0.02 * sin(n / 180.0)::numeric)) AS price FROM generate_series(1, $1::int) AS n) AS minutes
