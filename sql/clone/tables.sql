-- One row for each ordinary or partitioned table of the schemas $1, with all that is needed to make and load it again.
-- Facts only: no text of the server's own is ever run, so definitions come as names, types and flags.
WITH shape AS (
  SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
         has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') AS readable,
         has_table_privilege(c.oid, 'INSERT') OR has_table_privilege(c.oid, 'UPDATE')
           OR has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE') AS writable,
         pg_catalog.pg_table_size(c.oid)::float8 AS bytes,
         greatest(c.reltuples, 0)::float8 AS rows,
         c.relrowsecurity AS row_security
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
)
SELECT s.schema, s.name, s.kind, s.readable, s.writable, s.bytes, s.rows, s.row_security AS "rowSecurity",
       coalesce((
         SELECT json_agg(json_build_object(
                  'name', a.attname,
                  'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
                  'base', coalesce(e.typname, t.typname),
                  'builtIn', coalesce(e.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace,
                  'typeKind', coalesce(e.typtype, t.typtype)::text,
                  'notNull', a.attnotnull,
                  'identity', a.attidentity::text,
                  'generated', a.attgenerated <> '',
                  'collation', CASE WHEN a.attcollation <> t.typcollation THEN co.collname END,
                  'default', CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END
                ) ORDER BY a.attnum)
         FROM pg_catalog.pg_attribute a
         JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
         LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
         LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
       ), '[]') AS columns,
       coalesce((
         SELECT json_agg(json_build_object(
                  'name', ic.relname,
                  'primary', i.indisprimary,
                  'unique', i.indisunique,
                  'method', am.amname,
                  'plain', i.indexprs IS NULL AND i.indpred IS NULL AND i.indnatts = i.indnkeyatts
                    AND NOT EXISTS (
                      SELECT FROM pg_catalog.unnest(i.indclass) WITH ORDINALITY AS k (oid, place)
                      JOIN pg_catalog.pg_opclass oc ON oc.oid = k.oid WHERE NOT oc.opcdefault),
                  'columns', (
                    SELECT json_agg(json_build_object(
                             'name', a.attname,
                             'descending', (i.indoption[k.place - 1] & 1) = 1,
                             'nullsFirst', (i.indoption[k.place - 1] & 2) = 2) ORDER BY k.place)
                    FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum)
                ) ORDER BY i.indisprimary DESC, ic.relname)
         FROM pg_catalog.pg_index i
         JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
         JOIN pg_catalog.pg_am am ON am.oid = ic.relam
         WHERE i.indrelid = s.oid AND i.indisvalid
       ), '[]') AS indexes
FROM shape s
ORDER BY s.schema, s.name
