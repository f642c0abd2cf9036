-- The strike table as a whole. 50.00 and 99.90 are what the generator writes where it finds no probability.
SELECT json_build_object(
         'rows', count(*)::int,
         'ageSeconds', extract(epoch FROM now() - max(timestamp)),
         'distinctProbabilities', count(DISTINCT probability)::int,
         'defaults', (count(*) FILTER (WHERE probability IN (50.00, 99.90) OR probability IS NULL))::int,
         'withAsks', (count(*) FILTER (WHERE yes_ask BETWEEN 1 AND 99 OR no_ask BETWEEN 1 AND 99))::int,
         'event', max(event_ticker),
         'price', max(current_price),
         'momentum', max(momentum_weighted_score),
         'ttcSeconds', max(ttc_seconds)
       )
FROM live_data.strike_table_btc
