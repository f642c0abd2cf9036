-- The database as the administrator sees it from another one. $1 text: its name; $2 text: the installer; $3 text: REC.IO's role.
SELECT
  pg_get_userbyid(d.datdba) AS owner,
  pg_encoding_to_char(d.encoding) AS encoding,
  coalesce((SELECT has_database_privilege(r.oid, d.oid, 'CONNECT') AND has_database_privilege(r.oid, d.oid, 'CREATE')
    AND has_database_privilege(r.oid, d.oid, 'TEMP') FROM pg_roles r WHERE r.rolname = $3::text), false) AS app_rights,
  EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $2::text) AS installer_exists
FROM pg_database d
WHERE d.datname = $1::text
