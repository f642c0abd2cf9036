-- Rows of the lookup on a grid whose steps are $1::int times as wide as REC.IO's: 5 times make 362,645 of 8,840,181 rows.
-- In floats: in numerics the same values take twelve times as long.
INSERT INTO analytics.probability_lookup_btc (ttc_seconds, buffer_points, momentum_bucket, prob_within_positive, prob_within_negative)
SELECT ttc, buffer, bucket,
       round((100 - 50 * exp(-power(buffer::float8 / (54.0 * sqrt(ttc::float8 / 60.0 + 0.1)), 1.15)))::numeric, 2),
       round((100 - 48 * exp(-power(buffer::float8 / (52.0 * sqrt(ttc::float8 / 60.0 + 0.1)), 1.15)))::numeric, 2)
FROM generate_series(0, 3600, 5 * $1::int) AS ttc,
     generate_series(0, 2000, 10 * $1::int) AS buffer,
     generate_series(-30, 30) AS bucket
