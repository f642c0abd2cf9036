-- Tables of the schemas $1 that hold rows; how many is the planner's estimate.
SELECT n.nspname || '.' || c.relname AS name, greatest(c.reltuples, 1)::float8 AS rows
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind = 'r' AND pg_catalog.pg_relation_size(c.oid) > 0
ORDER BY 1
