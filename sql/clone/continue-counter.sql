-- The counter of a column goes on after the largest value that came. Without a counter nothing is set.
SELECT pg_catalog.setval(c.name, greatest(coalesce((SELECT max(COLUMN) FROM PLACE), 0), 1),
                         (SELECT max(COLUMN) FROM PLACE) IS NOT NULL)
FROM (SELECT pg_catalog.pg_get_serial_sequence($1, $2) AS name) AS c
WHERE c.name IS NOT NULL
