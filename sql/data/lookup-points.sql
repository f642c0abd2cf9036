-- The values of given points, read through the primary key, in the order asked. NULLs where a point is not there.
SELECT l.rise, l.fall
  FROM unnest($1::int4[], $2::int4[], $3::int4[]) WITH ORDINALITY AS p(ttc, buffer, bucket, place)
  LEFT JOIN LATERAL (
         SELECT (100 * t.prob_within_positive)::float8 AS rise, (100 * t.prob_within_negative)::float8 AS fall
           FROM analytics.probability_lookup_btc t
          WHERE t.ttc_seconds = p.ttc AND t.buffer_points = p.buffer AND t.momentum_bucket = p.bucket
          LIMIT 1
       ) l ON true
 ORDER BY p.place
