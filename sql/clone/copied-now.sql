-- What was copied from the source $1, and whether it is still there. A table without a page on disk holds no row. The
-- lookup has a question of its own, and REC.IO's programs write and empty the live tables.
SELECT r.schema || '.' || r.name AS name, r.rows::float8 AS rows,
       to_char(r.snapshot_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"') AS "snapshotAt",
       c.oid IS NOT NULL AS there,
       coalesce(pg_catalog.pg_relation_size(c.oid) = 0, false) AS empty,
       f.source IS NOT NULL AS finished, coalesce(f.left_out, '{}') AS "leftOut"
FROM clone_state.copied AS r
LEFT JOIN clone_state.finished f ON f.source = r.source
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = r.schema
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = r.name AND c.relkind = 'r'
WHERE r.source = $1 AND r.name <> 'probability_lookup_btc' AND r.schema <> 'live_data'
ORDER BY 1
