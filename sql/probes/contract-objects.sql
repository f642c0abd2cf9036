-- What stands in the database under the names of the contract, in one look at the catalogue.
-- $1 text[]: schemas; $2 text[]: tables as schema.table.
SELECT
  (
    SELECT coalesce(jsonb_object_agg(n.nspname, pg_get_userbyid(n.nspowner)), '{}')
    FROM pg_namespace n
    WHERE n.nspname = ANY ($1::text[])
  ) AS schemas,
  (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'schema', n.nspname,
      'name', c.relname,
      'kind', c.relkind,
      'owner', pg_get_userbyid(c.relowner),
      'columns', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
          'name', a.attname,
          'type', format_type(a.atttypid, a.atttypmod),
          'notNull', a.attnotnull,
          'default', CASE WHEN a.attidentity <> '' THEN 'serial' ELSE pg_get_expr(d.adbin, d.adrelid) END,
          'generated', a.attgenerated <> ''
        ) ORDER BY a.attnum), '[]')
        FROM pg_attribute a
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      ),
      -- Only an index that is whole, immediate and on plain columns can answer an ON CONFLICT.
      'keys', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
          'primary', i.indisprimary,
          'columns', (
            SELECT jsonb_agg(a.attname ORDER BY k.place)
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE k.place <= i.indnkeyatts
          )
        )), '[]')
        FROM pg_index i
        WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
          AND i.indpred IS NULL AND i.indexprs IS NULL
      )
    )), '[]')
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY ($1::text[])
      AND n.nspname || '.' || c.relname = ANY ($2::text[])
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  ) AS tables,
  (
    SELECT coalesce(jsonb_agg(n.nspname || '.' || c.relname), '[]')
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY ($1::text[]) AND c.relname ~ '_before_\d{4}_\d\d_\d\d'
  ) AS asides
