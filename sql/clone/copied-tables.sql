-- Every table that was copied, from whichever source, as it was recorded; `there` where it still stands.
-- An earlier version kept no columns: then they are null.
SELECT r.schema, r.name, r.rows::float8 AS rows, r.bytes::float8 AS bytes, r.checksum::float8 AS checksum,
       r.content_hash AS "contentHash", pg_catalog.to_jsonb(r) -> 'columns' AS columns,
       r.snapshot_at::text AS "snapshotAt", r.source,
       EXISTS (
         SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = r.schema AND c.relname = r.name AND c.relkind = 'r'
       ) AS there
FROM clone_state.copied AS r
ORDER BY r.schema, r.name
