-- The counter of a column goes on after the largest value that came. Without a counter nothing is set.
-- PLACE_NAME and COLUMN_NAME are quoted names, PLACE_TEXT and COLUMN_TEXT literals, all put in by the caller.
SELECT pg_catalog.setval(c.name, greatest(coalesce((SELECT max(COLUMN_NAME) FROM PLACE_NAME), 0), 1),
                         (SELECT max(COLUMN_NAME) FROM PLACE_NAME) IS NOT NULL)
FROM (SELECT pg_catalog.pg_get_serial_sequence(PLACE_TEXT, COLUMN_TEXT) AS name) AS c
WHERE c.name IS NOT NULL
