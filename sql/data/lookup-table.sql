-- What stands at analytics.$1: its kind, owner, shape, the file that holds it and how often its rows were written.
-- No row where there is nothing of that name. The counters come from the statistics, so they lag by at most some seconds.
SELECT c.relkind::text AS kind,
       pg_get_userbyid(c.relowner) AS owner,
       coalesce(pg_relation_filenode(c.oid), 0)::text AS file,
       obj_description(c.oid, 'pg_class') AS comment,
       ARRAY(SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
               FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              ORDER BY a.attnum) AS columns,
       ARRAY(SELECT a.attname::text
               FROM pg_index i
               CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place)
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
              WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid
              ORDER BY k.place) AS key,
       concat_ws('/', s.n_tup_ins, s.n_tup_upd, s.n_tup_del) AS writes
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
 WHERE n.nspname = 'analytics' AND c.relname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
