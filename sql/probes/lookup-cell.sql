-- The corners of the cell of the lookup grid around a point. $1 momentum bucket, $2 seconds to close, $3 buffer, $4 and $5 the grid's steps.
SELECT ttc_seconds AS ttc, buffer_points AS buffer, prob_within_positive::float8 AS positive,
       prob_within_negative::float8 AS negative
FROM analytics.probability_lookup_btc
WHERE momentum_bucket = $1::int
  AND ttc_seconds BETWEEN $2::int - $4::int AND $2::int + $4::int
  AND buffer_points BETWEEN $3::int - $5::int AND $3::int + $5::int
ORDER BY ttc_seconds, buffer_points
