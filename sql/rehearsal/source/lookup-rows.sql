-- Rows of the lookup on a grid whose steps are $1::int times as wide as REC.IO's: 5 times make 362,645 of 8,840,181 rows.
INSERT INTO analytics.probability_lookup_btc (ttc_seconds, buffer_points, momentum_bucket, prob_within_positive, prob_within_negative)
SELECT ttc, buffer, bucket,
       round((100 - 50 * exp(-power(buffer / (54.0 * sqrt(ttc / 60.0 + 0.1)), 1.15)))::numeric, 2),
       round((100 - 48 * exp(-power(buffer / (52.0 * sqrt(ttc / 60.0 + 0.1)), 1.15)))::numeric, 2)
FROM generate_series(0, 3600, 5 * $1::int) AS ttc,
     generate_series(0, 2000, 10 * $1::int) AS buffer,
     generate_series(-30, 30) AS bucket
