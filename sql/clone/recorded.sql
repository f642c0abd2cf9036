-- Tables that were copied from the source $1 and are still there.
SELECT r.schema, r.name, r.rows::float8 AS rows, r.bytes::float8 AS bytes, r.checksum::float8 AS checksum,
       r.content_hash AS "contentHash", r.snapshot_at::text AS "snapshotAt", r.source
FROM clone_state.copied AS r
JOIN pg_catalog.pg_namespace n ON n.nspname = r.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = r.name AND c.relkind = 'r'
WHERE r.source = $1
ORDER BY r.schema, r.name
