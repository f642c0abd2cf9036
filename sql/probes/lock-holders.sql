-- Sessions that hold a lock on tables of the contract, the oldest transaction first. $1 text[]: tables as schema.table.
SELECT a.pid, a.application_name AS application, a.state,
  extract(epoch FROM clock_timestamp() - a.xact_start)::int AS seconds,
  n.nspname || '.' || c.relname AS object
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.pid <> pg_backend_pid() AND a.datname = current_database()
  AND n.nspname || '.' || c.relname = ANY ($1::text[])
ORDER BY a.xact_start NULLS LAST, object
LIMIT 5
