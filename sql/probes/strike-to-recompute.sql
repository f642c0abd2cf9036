-- A row of the strike table whose probability has one right value: time and buffer strictly inside a cell of the lookup
-- grid ($1 seconds by $2 points; REC.IO's is 5 by 10), so that the generator had four neighbours to choose from and no more.
SELECT strike, current_price::float8 AS price, ttc_seconds AS ttc, momentum_weighted_score::float8 AS momentum,
       probability::float8 AS probability
FROM live_data.strike_table_btc
WHERE probability IS NOT NULL
  AND ttc_seconds % $1::int <> 0
  AND floor(abs(current_price - strike)) < 2000
  AND floor(abs(current_price - strike))::int % $2::int <> 0
ORDER BY abs(current_price - strike)
LIMIT 1
