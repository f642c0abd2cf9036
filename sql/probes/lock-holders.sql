-- Sessions that hold a lock on tables of the contract, the oldest transaction first. $1 text[]: tables as schema.table.
-- What a role may not see of another's session is null there.
SELECT a.pid, a.application_name AS application, a.usename::text AS role, a.state,
  coalesce(host(a.client_addr), CASE WHEN a.backend_type IS NOT NULL THEN 'this machine' END) AS address,
  to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') AS since,
  extract(epoch FROM clock_timestamp() - a.xact_start)::int AS seconds,
  (array_agg(n.nspname || '.' || c.relname ORDER BY n.nspname, c.relname))[1] AS object,
  count(*)::int AS objects,
  -- As the server decides it for pg_terminate_backend.
  (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
    OR ((pg_has_role(a.usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))
      AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.oid = a.usesysid)) AS "mayEnd"
FROM (SELECT DISTINCT pid, relation FROM pg_locks WHERE granted AND relation IS NOT NULL) l
JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.pid <> pg_backend_pid() AND a.datname = current_database()
  AND n.nspname || '.' || c.relname = ANY ($1::text[])
GROUP BY a.pid, a.application_name, a.usename, a.state, a.client_addr, a.backend_type, a.xact_start, a.usesysid
ORDER BY a.xact_start NULLS LAST, a.pid
LIMIT 5
