-- What the administrator of a server may do; reads only. $1 text: the installer's role.
SELECT
  current_setting('server_version_num')::int AS version_number,
  current_setting('server_version') AS version,
  pg_is_in_recovery() AS replica,
  current_setting('default_transaction_read_only') = 'on' AS read_only,
  current_setting('server_encoding') AS encoding,
  r.rolsuper AS superuser,
  r.rolcreaterole AS may_create_roles,
  r.rolcreatedb AS may_create_databases,
  coalesce((SELECT s.ssl FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()), false) AS tls,
  coalesce((SELECT pg_has_role(current_user, i.oid, 'MEMBER') FROM pg_roles i WHERE i.rolname = $1::text), false) AS is_installer
FROM pg_roles r
WHERE r.rolname = current_user
