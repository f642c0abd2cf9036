-- The columns of some relations, for writing their rows down. $1 text[]: relations as schema.table.
SELECT n.nspname AS schema, c.relname AS name, jsonb_agg(jsonb_build_object(
  'name', a.attname,
  -- A type of somebody's own may not be known where the rows are put back; as text every value is kept.
  'type', CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN format_type(a.atttypid, a.atttypmod) ELSE 'text' END
) ORDER BY a.attnum) AS columns
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE n.nspname || '.' || c.relname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
GROUP BY 1, 2
ORDER BY 1, 2
