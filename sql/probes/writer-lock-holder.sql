-- Who holds the lock that one setup at a time takes while it changes this database. $1 int, $2 int: the two halves of its key.
SELECT a.pid, a.application_name AS application, coalesce(host(a.client_addr), 'this machine') AS address,
  to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') AS since,
  extract(epoch FROM clock_timestamp() - a.xact_start)::int AS seconds
FROM pg_locks l
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::int::oid AND l.objid = $2::int::oid AND l.objsubid = 2
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
LIMIT 1
