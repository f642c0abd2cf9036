-- The table was made in this same transaction, so its rows can be written as already visible to everybody: no vacuum
-- has to visit them again, and an index-only scan needs no look at the rows.
COPY analytics.probability_lookup_btc_building
     (ttc_seconds, buffer_points, momentum_bucket, prob_within_positive, prob_within_negative)
FROM STDIN WITH (FORMAT binary, FREEZE true)
