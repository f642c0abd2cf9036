-- Every row of the lookup, a line for each momentum bucket. Values come in hundredths of per cent, so sums are exact.
-- "impossible" counts rows with a value that is no probability (NULL and NaN included).
SELECT momentum_bucket AS bucket,
       count(*)::float8 AS rows,
       (100 * sum(prob_within_positive))::float8 AS rise,
       (100 * sum(prob_within_negative))::float8 AS fall,
       (100 * least(min(prob_within_positive), min(prob_within_negative)))::float8 AS least,
       (100 * greatest(max(prob_within_positive), max(prob_within_negative)))::float8 AS most,
       count(*) FILTER (
         WHERE (prob_within_positive BETWEEN 0 AND 100 AND prob_within_negative BETWEEN 0 AND 100) IS NOT TRUE
       )::float8 AS impossible
  FROM analytics.probability_lookup_btc
 GROUP BY momentum_bucket
 ORDER BY momentum_bucket
