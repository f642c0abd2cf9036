-- Whether the lookup table answers in the middle of its grid. Asked by key, so that a table full of dead rows is quick too.
SELECT json_build_object(
         'answers', EXISTS (
           SELECT 1 FROM analytics.probability_lookup_btc WHERE ttc_seconds = 1800 AND buffer_points = 500
         )
       )
