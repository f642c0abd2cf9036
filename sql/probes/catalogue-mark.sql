-- One line that changes when a table, a view, a column, a default, a key, a type or a right does, outside of PostgreSQL's
-- own schemas. A row of the catalogue is written anew when what it describes changes; ANALYZE and VACUUM leave it.
SELECT md5(
  (SELECT coalesce(string_agg(n.oid || ':' || n.xmin, ',' ORDER BY n.oid), '') FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
  || '/' || (
    SELECT coalesce(string_agg(c.oid || ':' || c.xmin, ',' ORDER BY c.oid), '')
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  )
  || '/' || (
    SELECT coalesce(string_agg(a.attrelid || '.' || a.attnum || ':' || a.xmin, ',' ORDER BY a.attrelid, a.attnum), '')
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attnum > 0 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  )
  || '/' || (SELECT coalesce(string_agg(r.oid || ':' || r.xmin, ',' ORDER BY r.oid), '') FROM pg_rewrite r WHERE r.ev_class >= 16384)
  || '/' || (SELECT coalesce(string_agg(p.oid || ':' || p.xmin, ',' ORDER BY p.oid), '') FROM pg_proc p WHERE p.oid >= 16384)
  || '/' || (SELECT coalesce(string_agg(s.setdatabase || '.' || s.setrole || ':' || s.xmin, ',' ORDER BY s.setdatabase, s.setrole), '') FROM pg_db_role_setting s)
  || '/' || (SELECT coalesce(string_agg(m.oid || ':' || m.xmin, ',' ORDER BY m.oid), '') FROM pg_type m WHERE m.oid >= 16384 AND m.typtype IN ('d', 'e', 'b'))
  || '/' || current_user
) AS mark
