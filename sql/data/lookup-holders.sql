-- Sessions that hold a lock on the lookup: whom a swap of names waits for.
SELECT DISTINCT coalesce(nullif(a.application_name, ''), a.usename::text, 'pid ' || l.pid) AS holder
  FROM pg_locks l
  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE l.relation = to_regclass('analytics.probability_lookup_btc') AND l.granted AND l.pid <> pg_backend_pid()
 ORDER BY 1
